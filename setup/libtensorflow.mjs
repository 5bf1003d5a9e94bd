import { existsSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cacheDirectory, fillOnce } from './cache.mjs';
import { wantsCuda } from './cuda.mjs';
import { layCudaLibraries, linkTree } from './cuda-libraries.mjs';
import { messageOf, SetupError } from './setup-error.mjs';
import { fetchTarball, TARBALL } from './tarball.mjs';
import { unpackEach } from './unpack-wheels.mjs';
import { TENSORFLOW_VERSION, WHEELS } from './wheels.mjs';

/** Files that the binding is compiled and linked with. A folder with these files suffices. */
const NEEDED_FILES = [
  'include/tensorflow/c/c_api.h',
  'include/tensorflow/c/eager/c_api.h',
  'lib/libtensorflow.so',
  'lib/libtensorflow_framework.so',
];

/** Names that the linker and the binding look for → names of the library in wheels. */
const LINKS = {
  'libtensorflow.so': 'libtensorflow_cc.so.2',
  'libtensorflow.so.2': 'libtensorflow_cc.so.2',
  'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
};

/**
 * A libtensorflow for the cache.
 * @typedef {object} Build
 * @property {string} name Its folder in the cache.
 * @property {number} neededMegabytes Peak disk space while it is created.
 * @property {() => Promise<string>} [lay] Creates the folder of the cache whose files it shares.
 * @property {(folders: { result: string, scratch: string }, shared: string | undefined) => Promise<void>} fill
 */

/**
 * Finds a libtensorflow, in this order: FOVEA_LIBTENSORFLOW_DIR, the cache, the wheel, the package's own download.
 * @param {import('./context.mjs').Context} context
 * @param {import('./host.mjs').Host} host
 * @returns {Promise<{ folder: string | undefined, complaints: string[] }>} The folder that holds `lib` and `include`,
 *   undefined when none is available; and the problems of better builds, each with its remedy.
 * @throws {SetupError} when FOVEA_LIBTENSORFLOW_DIR lacks a file; it is never ignored silently.
 */
export async function findLibtensorflow(context, { platform, arch }) {
  const { env, signal } = context;
  if (env.FOVEA_LIBTENSORFLOW_DIR)
    return { folder: givenFolder(env.FOVEA_LIBTENSORFLOW_DIR), complaints: [] };
  const complaints = [];
  for (const builds of await choices(`${platform}-${arch}`, context)) {
    const folders = builds.map(({ name }) => join(cacheDirectory(env), name));
    const cached = folders.find(existsSync);
    if (cached && cached !== folders[0]) {
      complaints.push(`${cached} is used instead of ${builds[0]?.name}.\n  → To try again, delete it.`);
    }
    if (cached) return { folder: cached, complaints };
    for (const { name, neededMegabytes, lay, fill } of builds) {
      try {
        const shared = await lay?.();
        const folder = await fillOnce(name, neededMegabytes, (folders) => fill(folders, shared), context);
        return { folder, complaints };
      } catch (error) {
        signal.throwIfAborted();
        complaints.push(messageOf(error));
      }
    }
  }
  return { folder: undefined, complaints };
}

/**
 * @param {string} path
 * @throws {SetupError}
 */
function givenFolder(path) {
  const missing = NEEDED_FILES.filter((file) => !existsSync(join(path, file)));
  if (missing.length === 0) return resolve(path);
  throw new SetupError(
    `FOVEA_LIBTENSORFLOW_DIR is ${path}, which lacks ${missing.join(', ')}.`,
    'Point it to an unpacked libtensorflow (with lib/ and include/), or unset it.',
  );
}

/**
 * Groups of builds, best first. Within a group, a cached build is preferred.
 * @param {string} machine Platform and architecture.
 * @param {import('./context.mjs').Context} context
 * @returns {Promise<Build[][]>}
 */
async function choices(machine, context) {
  const cpu = [fromWheels(`${machine}-cpu`, context)];
  if (TARBALL.build === `${machine}-cpu`) cpu.push(fromTarball(context));
  return (await wantsCuda(context)) ? [[fromWheels(`${machine}-cuda`, context)], cpu] : [cpu];
}

/**
 * @param {string} build A key of WHEELS.
 * @param {import('./context.mjs').Context} context
 * @returns {Build}
 */
function fromWheels(build, context) {
  const { wheels, unpackedMegabytes } = WHEELS[build] ?? { wheels: [], unpackedMegabytes: 0 };
  return {
    name: `libtensorflow-${TENSORFLOW_VERSION}-${build}`,
    neededMegabytes: unpackedMegabytes + Math.max(0, ...wheels.map(({ megabytes }) => megabytes)),
    ...(build.endsWith('-cuda') &&
      wheels.length > 0 && { lay: () => layCudaLibraries(context, build.replace(/-cuda$/, '')) }),
    async fill({ result, scratch }, shared) {
      if (wheels.length === 0)
        throw new SetupError(`There is no build of TensorFlow for ${build}.`, 'The CPU is used instead.');
      if (shared) await linkTree(join(shared, 'nvidia'), join(result, 'nvidia'));
      await unpackWheels(wheels, unpackedMegabytes, { result, scratch }, context);
    },
  };
}

/**
 * @param {import('./wheels.mjs').Wheel[]} wheels
 * @param {number} unpackedMegabytes
 * @param {{ result: string, scratch: string }} folders
 * @param {import('./context.mjs').Context} context
 */
export async function unpackWheels(wheels, unpackedMegabytes, folders, context) {
  await unpackEach(wheels, unpackedMegabytes, folders, context);
  for (const [link, target] of Object.entries(LINKS))
    await symlink(target, join(folders.result, 'lib', link));
}

/**
 * @param {import('./context.mjs').Context} context
 * @returns {Build}
 */
function fromTarball(context) {
  return {
    name: `libtensorflow-${TARBALL.version}-${TARBALL.build}`,
    neededMegabytes: TARBALL.unpackedMegabytes,
    fill: (folders) => fetchTarball(TARBALL, folders, context),
  };
}
