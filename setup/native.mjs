import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { layCudaLibraries } from './cuda-libraries.mjs';
import { buildNative } from './native-build.mjs';
import { findNodeGyp } from './node-gyp.mjs';
import { layOneDnn, pointTo } from './onednn.mjs';
import { BESIDE_LONGER } from './together.mjs';

const CHECK = "require('./build/Release/fovea_native.node')";

/**
 * Builds Fovea's own addon, and fetches oneDNN for it, unless that was done for the same sources.
 * @param {import('./context.mjs').Context} context
 * @param {import('./host.mjs').Host} host
 * @param {Promise<unknown>} packages Settles when node_modules is there, which oneDNN need not wait for.
 */
export async function buildOwnAddon(context, host, packages) {
  const folder = join(context.root, 'native');
  const [oneDnn] = await Promise.all([layOneDnn(context, host), packages]);
  const build = {
    label: 'Building native/',
    folder,
    output: 'build',
    inputs: { oneDnn, sources: await hashOf(folder) },
    command: [findNodeGyp(context.env), 'rebuild', '--release'],
    check: CHECK,
    // SQLite takes longest, and one core.
    niceness: BESIDE_LONGER,
    keepsWorking: false,
  };
  await buildNative(build, context);
}

/**
 * Builds the addon that runs models on NVIDIA cards, and fetches CUDA's libraries for it, unless that was done for the
 * same sources. No card is needed to build it.
 * @param {import('./context.mjs').Context} context
 * @param {import('./host.mjs').Host} host
 * @param {Promise<unknown>} packages Settles when node_modules is there, which the libraries need not wait for.
 */
export async function buildCudaAddon(context, { platform, arch }, packages) {
  const folder = join(context.root, 'native/cuda');
  const [libraries] = await Promise.all([layCudaLibraries(context, `${platform}-${arch}`), packages]);
  await pointTo(join(folder, 'deps'), libraries);
  const build = {
    label: 'Building native/cuda/',
    folder,
    output: 'build',
    inputs: { libraries, sources: await hashOf(folder), shared: await hashOf(join(context.root, 'native')) },
    command: [findNodeGyp(context.env), 'rebuild', '--release'],
    check: "require('./build/Release/fovea_cuda.node')",
    niceness: BESIDE_LONGER,
    keepsWorking: false,
  };
  await buildNative(build, context);
}

/**
 * A hash over names and contents of what is compiled, in whatever order it is listed.
 * @param {string} folder
 */
async function hashOf(folder) {
  const sources = (await readdir(folder)).filter((file) => /\.(cc|h|gyp)$/.test(file));
  const hash = createHash('sha256');
  for (const file of sources.sort()) hash.update(`${file}\0`).update(await readFile(join(folder, file)));
  return hash.digest('hex');
}
