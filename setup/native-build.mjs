import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.mjs';
import { requireCompiler } from './host.mjs';
import { buildEnvironment } from './node-gyp.mjs';
import { unlessDoneFor } from './stamp.mjs';

/**
 * @typedef {object} NativeBuild
 * @property {string} label Shown while it runs.
 * @property {string} folder The working directory of the command.
 * @property {string} output The subfolder that it fills.
 * @property {Record<string, string>} inputs All that the result depends on besides Node and the processor's architecture.
 * @property {string[]} command Arguments to Node.
 * @property {string} check A script (CommonJS, run in `folder`) that uses the result and throws unless it works.
 * @property {string} [flags] Compiler flags after the package's own.
 * @property {number | undefined} [niceness] Over 0 for a build that must not delay a longer one.
 * @property {boolean} keepsWorking Whether a result that passes the check is kept even if made from other inputs.
 */

/**
 * Builds a native addon unless it exists, was built from the same inputs and passed the check.
 * @param {NativeBuild} build
 * @param {import('./context.mjs').Context} context
 * @returns {Promise<void>}
 * @throws {import('./setup-error.mjs').SetupError} when tools are missing
 * @throws {import('./command.mjs').CommandFailed} when the build or the check fails
 */
export async function buildNative(
  { label, folder, output, inputs, command, check, keepsWorking, flags, niceness },
  { env, progress, signal },
) {
  // In a child process, because a bad addon may crash it.
  const passCheck = () => run(process.execPath, ['-e', check], { cwd: folder, env, signal });
  const everyInput = { ...inputs, node: process.versions.modules, arch: process.arch };
  await unlessDoneFor(join(folder, output), everyInput, async () => {
    if (
      keepsWorking &&
      (await passCheck().then(
        () => true,
        () => false,
      ))
    ) {
      await mkdir(join(folder, output), { recursive: true });
      return;
    }
    signal.throwIfAborted();
    requireCompiler(env);
    await progress.step(label, async () => {
      await run(process.execPath, command, {
        cwd: folder,
        env: withFlags(buildEnvironment(env), flags),
        signal,
        niceness,
      });
      await passCheck();
    });
  });
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string | undefined} flags
 * @returns {NodeJS.ProcessEnv}
 */
function withFlags(env, flags) {
  if (flags === undefined) return env;
  const extended = (/** @type {string | undefined} */ given) => [flags, given].filter(Boolean).join(' ');
  return { ...env, CFLAGS: extended(env.CFLAGS), CXXFLAGS: extended(env.CXXFLAGS) };
}
