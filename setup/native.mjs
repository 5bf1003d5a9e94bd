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
 * Downloads oneDNN and builds Fovea's addon, unless both were done for the same sources.
 * @param {import('./context.mjs').Context} context
 * @param {import('./host.mjs').Host} host
 * @param {Promise<unknown>} packages Settles when node_modules exists. oneDNN is downloaded meanwhile.
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
    // The build of SQLite takes longest and uses one core, so this build must not slow it down.
    niceness: BESIDE_LONGER,
    keepsWorking: false,
  };
  await buildNative(build, context);
}

/**
 * Downloads CUDA's libraries and builds the addon for NVIDIA cards, unless both were done for the same sources. The build
 * needs no card.
 * @param {import('./context.mjs').Context} context
 * @param {import('./host.mjs').Host} host
 * @param {Promise<unknown>} packages Settles when node_modules exists. The libraries are downloaded meanwhile.
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
 * A hash over names and contents of the sources, independent of their order.
 * @param {string} folder
 */
async function hashOf(folder) {
  const joined = await readdir(join(folder, 'joined')).catch(() => []);
  const files = [...(await readdir(folder)), ...joined.map((file) => join('joined', file))];
  const sources = files.filter((file) => /\.(cc|h|gyp)$/.test(file));
  const hash = createHash('sha256');
  for (const file of sources.sort((a, b) => (a < b ? -1 : 1)))
    hash.update(`${file}\0`).update(await readFile(join(folder, file)));
  return hash.digest('hex');
}
