/** The steps of set-up. Independent steps run in parallel. A step whose result exists already does nothing. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CommandFailed } from './command.mjs';
import { linkCommandLine } from './command-line.mjs';
import { createContext } from './context.mjs';
import { wantsCuda } from './cuda.mjs';
import { buildDashboard } from './dashboard.mjs';
import { describeHost, requireSupportedHost } from './host.mjs';
import { buildK6 } from './k6.mjs';
import { withLock } from './lock.mjs';
import { buildCudaAddon, buildOwnAddon } from './native.mjs';
import { buildNativePackages, NATIVE_PACKAGES } from './native-packages.mjs';
import { layOnnxRuntime, prepareOnnxRuntime, wantsOnnxRuntime } from './onnxruntime.mjs';
import { installPackages } from './packages.mjs';
import { messageOf, SetupError } from './setup-error.mjs';
import { prepareTap } from './tap.mjs';
import { prepareTensorFlow, setUpTensorFlow, wantsTensorFlow } from './tensorflow.mjs';
import { together } from './together.mjs';
import { compileTypeScript } from './typescript.mjs';
import { binaryOf, keepOneBinary } from './uwebsockets.mjs';

const context = createContext(fileURLToPath(new URL('..', import.meta.url)));
const { root, progress, signal } = context;
const host = describeHost();

try {
  const { values } = parseArgs({
    options: {
      test: { type: 'boolean' },
      k6: { type: 'boolean' },
      native: { type: 'boolean' },
      tensorflow: { type: 'boolean' },
      onnxruntime: { type: 'boolean' },
    },
  });
  await withLock(join(root, '.setup.lock'), context, () => setUp(values));
} catch (error) {
  const isExplained =
    error instanceof SetupError || error instanceof CommandFailed || isUsageError(error) || signal.aborted;
  progress.say(
    `\nSet-up did not finish. ${isExplained ? messageOf(error) : /** @type {Error} */ (error).stack}`,
  );
  process.exitCode ||= 1;
}

/** Whether `parseArgs` refused an option. @param {unknown} error */
function isUsageError(error) {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}

/** @param {{ test?: boolean, native?: boolean, k6?: boolean, tensorflow?: boolean, onnxruntime?: boolean }} wanted */
async function setUp(wanted) {
  requireSupportedHost(host);
  if (wanted.tensorflow) return prepareTraining();
  if (wanted.onnxruntime) return layOnnxRuntime(context, host);
  const warnings = await together(context, (parallel) => {
    const packages = installPackages([`uWebSockets.js/${binaryOf(host)}`], parallel);
    if (wanted.native) return [buildOwnAddon(parallel, host, packages).then(() => '')];
    return [
      prepareEngines(parallel, packages, wanted.test === true),
      packages.then(() => prepareServer(parallel, wanted.test === true)).then(() => ''),
    ];
  });
  if (wanted.k6) await buildK6(context);
  for (const warning of warnings) warn(warning);
}

/** An installation may omit packages of the lock file, so npm runs only if the binding's package is missing. */
async function prepareTraining() {
  if (!existsSync(join(root, 'node_modules/@tensorflow/tfjs-node-gpu'))) await installPackages([], context);
  warn(await setUpTensorFlow(context, host));
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {boolean} isForTests
 */
async function prepareServer(context, isForTests) {
  await keepOneBinary(join(root, 'node_modules/uWebSockets.js'), host);
  await together(context, (parallel) => [
    buildNativePackages(NATIVE_PACKAGES, parallel),
    compile(parallel, isForTests),
    buildDashboard(parallel),
  ]);
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {boolean} isForTests
 */
async function compile(context, isForTests) {
  // The tests' types depend on the class that tap generates.
  if (isForTests) await prepareTap(context);
  await compileTypeScript(context);
  await linkCommandLine(root);
}

/**
 * Sets up the native engine, and TensorFlow if it is wanted or must replace the native engine. Fovea runs without both.
 * @param {import('./context.mjs').Context} context
 * @param {Promise<void>} packages
 * @param {boolean} isForTests
 * @returns {Promise<string>} A warning for the user, or ''.
 */
async function prepareEngines(context, packages, isForTests) {
  const { FOVEA_ENGINE: engine } = context.env;
  const noAddon = await tryOwnAddon(context, packages);
  const noCudaAddon = await tryCudaAddon(context, packages);
  const noOnnxRuntime =
    isForTests || (await wantsOnnxRuntime(context)) ? await prepareOnnxRuntime(context, host) : '';
  await packages;
  const hasLost = (noAddon !== '' && engine !== 'native') || (noCudaAddon !== '' && engine !== 'cudnn');
  if (!isForTests && !hasLost && !(await wantsTensorFlow(context)))
    return [noAddon, noCudaAddon, noOnnxRuntime].filter(Boolean).join('\n');
  return [noAddon, noCudaAddon, noOnnxRuntime, await prepareTensorFlow(context, host)]
    .filter(Boolean)
    .join('\n');
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {Promise<void>} packages
 */
async function tryOwnAddon(context, packages) {
  if (['cudnn', 'tensorflow', 'wasm'].includes(context.env.FOVEA_ENGINE ?? '')) return '';
  try {
    await buildOwnAddon(context, host, packages);
    return '';
  } catch (error) {
    context.signal.throwIfAborted();
    return `No native engine: a much slower engine serves on the CPU.\n• ${messageOf(error).replaceAll('\n', '\n  ')}`;
  }
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {Promise<void>} packages
 */
async function tryCudaAddon(context, packages) {
  if (!['cudnn', 'auto', undefined].includes(context.env.FOVEA_ENGINE) || !(await wantsCuda(context)))
    return '';
  try {
    await buildCudaAddon(context, host, packages);
    return '';
  } catch (error) {
    context.signal.throwIfAborted();
    return `No cudnn engine: TensorFlow serves on the GPU, much slower.\n• ${messageOf(error).replaceAll('\n', '\n  ')}`;
  }
}

/** @param {string} warning '' for none. */
function warn(warning) {
  if (warning !== '') progress.say(`\n!! ${warning.replaceAll('\n', '\n!! ')}\n`);
}
