import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandFailed, run } from './command.mjs';
import { reportGrowth } from './growth.mjs';
import { findTool, INSTALL_TOOLS } from './host.mjs';
import { SetupError } from './setup-error.mjs';

const OUT_OF_REACH = `Check the network and pip's settings (index, proxy): python3 -m pip config list`;

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {string} The path of Python 3.
 */
export function requirePython(env) {
  const python = findTool(['python3'], env);
  if (!python) throw new SetupError('There is no python3 on the PATH.', INSTALL_TOOLS);
  return python;
}

/**
 * Downloads one wheel with the machine's own pip, which knows its mirrors and proxies. pip verifies the SHA-256.
 * @param {import('./wheels.mjs').Wheel} wheel
 * @param {string} folder An empty folder, also for pip's temporary files.
 * @param {import('./context.mjs').Context} context
 * @returns {Promise<string>} The wheel's path.
 * @throws {SetupError} with the reason.
 */
export async function downloadWheel(wheel, folder, { env, progress, signal }) {
  const python = requirePython(env);
  const requirements = join(folder, 'requirements.txt');
  await writeFile(requirements, `${wheel.requirement} --hash=sha256:${wheel.sha256}\n`);
  const wanted = [
    '--no-deps',
    '--only-binary=:all:',
    '--implementation=cp',
    '--python-version=311',
    `--platform=${wheel.platform}`,
  ];
  const manners = [
    '--require-hashes',
    '--no-cache-dir',
    '--no-input',
    '--progress-bar=off',
    '--retries=2',
    '--disable-pip-version-check',
  ];
  const args = [
    '-m',
    'pip',
    'download',
    ...wanted,
    ...manners,
    `--dest=${folder}`,
    `--requirement=${requirements}`,
  ];
  try {
    await progress.step(`Downloading ${wheel.requirement}`, (report) =>
      reportGrowth(folder, wheel.megabytes, report, () =>
        run(python, args, { env: { ...env, TMPDIR: folder, PIP_REQUIRE_VIRTUALENV: '0' }, signal }),
      ),
    );
  } catch (error) {
    throw error instanceof CommandFailed ? explained(error, wheel) : error;
  }
  const file = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (!file)
    throw new SetupError(`pip downloaded ${wheel.requirement} but left no wheel.`, 'Try a newer pip.');
  return join(folder, file);
}

/**
 * @param {CommandFailed} failure
 * @param {import('./wheels.mjs').Wheel} wheel
 */
function explained({ message, output }, { requirement }) {
  if (output.includes('No module named pip')) return new SetupError('python3 has no pip.', INSTALL_TOOLS);
  if (output.includes('DO NOT MATCH THE HASHES')) {
    return new SetupError(
      `pip downloaded a ${requirement} whose SHA-256 differs from the one that Fovea pins.`,
      'It was deleted. Point pip to the official Python package index or to an exact mirror.',
    );
  }
  return new SetupError(`pip could not download ${requirement}:\n${message}`, OUT_OF_REACH);
}
