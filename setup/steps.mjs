/** The steps of set-up, in order; each does only what is not done yet. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CommandFailed } from './command.mjs';
import { linkCommandLine } from './command-line.mjs';
import { createContext } from './context.mjs';
import { describeHost, requireSupportedHost } from './host.mjs';
import { buildK6 } from './k6.mjs';
import { withLock } from './lock.mjs';
import { buildOwnAddon } from './native.mjs';
import { buildNativePackages, NATIVE_PACKAGES } from './native-packages.mjs';
import { installPackages } from './packages.mjs';
import { messageOf, SetupError } from './setup-error.mjs';
import { prepareTap } from './tap.mjs';
import { prepareTensorFlow } from './tensorflow.mjs';
import { compileTypeScript } from './typescript.mjs';
import { binaryOf, keepOneBinary } from './uwebsockets.mjs';

const context = createContext(fileURLToPath(new URL('..', import.meta.url)));
const { root, progress, signal } = context;

try {
  const { values } = parseArgs({
    options: { test: { type: 'boolean' }, native: { type: 'boolean' }, k6: { type: 'boolean' } },
  });
  await withLock(join(root, '.setup.lock'), context, () => setUp(values));
} catch (error) {
  const isExplained = error instanceof SetupError || error instanceof CommandFailed || signal.aborted;
  progress.say(
    `\nSet-up did not finish. ${isExplained ? messageOf(error) : /** @type {Error} */ (error).stack}`,
  );
  process.exitCode ||= 1;
}

/** @param {{ test?: boolean, native?: boolean, k6?: boolean }} wanted */
async function setUp(wanted) {
  const host = describeHost();
  requireSupportedHost(host);
  await installPackages([`uWebSockets.js/${binaryOf(host)}`], context);
  if (wanted.native) return buildOwnAddon(context, host);
  await keepOneBinary(join(root, 'node_modules/uWebSockets.js'), host);
  await buildNativePackages(NATIVE_PACKAGES, context);
  const warnings = [await prepareTensorFlow(context, host), await tryOwnAddon(host)].filter(Boolean);
  if (wanted.test) await prepareTap(context);
  if (wanted.k6) await buildK6(context);
  await compileTypeScript(context);
  await linkCommandLine(root);
  for (const warning of warnings) progress.say(`\n!! ${warning.replaceAll('\n', '\n!! ')}\n`);
}

/**
 * Its engine is one of several: Fovea runs without.
 * @param {import('./host.mjs').Host} host
 */
async function tryOwnAddon(host) {
  if (['tensorflow', 'wasm'].includes(context.env.FOVEA_ENGINE ?? '')) return '';
  try {
    await buildOwnAddon(context, host);
    return '';
  } catch (error) {
    signal.throwIfAborted();
    return `NO NATIVE ENGINE: another one takes its place on CPUs, at a fraction of the speed.\n• ${messageOf(error).replaceAll('\n', '\n  ')}`;
  }
}
