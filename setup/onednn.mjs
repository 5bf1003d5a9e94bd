import { existsSync } from 'node:fs';
import { mkdir, readFile, readlink, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fillOnce } from './cache.mjs';
import { messageOf, SetupError } from './setup-error.mjs';
import { unpackEach } from './unpack-wheels.mjs';
import { ONEDNN } from './wheels.mjs';

/** The major version of oneDNN that native/ is written for. */
const MAJOR_VERSION = '3';
const VERSION_HEADER = 'include/oneapi/dnnl/dnnl_version.h';
/** Library folders of distributions, relative to the prefix. */
const LIBRARY_FOLDERS = {
  x64: ['lib/x86_64-linux-gnu', 'lib64', 'lib'],
  arm64: ['lib/aarch64-linux-gnu', 'lib64', 'lib'],
};

/**
 * Installs oneDNN into `native/deps`, with `include/` and `lib/`: from the pinned wheels, else from the system's package.
 * @param {import('./context.mjs').Context} context
 * @param {import('./host.mjs').Host} host
 * @param {string} [prefix] The prefix of the system's packages.
 * @returns {Promise<string>} Its name and version, for the stamp of builds that use it.
 * @throws {SetupError} when neither is available, with the reasons.
 */
export async function layOneDnn(context, { platform, arch }, prefix = '/usr') {
  const build = ONEDNN[`${platform}-${arch}`];
  let complaint = `There is no wheel of oneDNN for ${platform} on ${arch}.`;
  if (build) {
    try {
      const folder = await fillOnce(build.name, build.neededMegabytes, fill, context);
      await pointTo(join(context.root, 'native/deps'), folder);
      return folder;
    } catch (error) {
      context.signal.throwIfAborted();
      complaint = messageOf(error);
    }
  }
  const system = await findSystemOneDnn(prefix, arch);
  if (!system) {
    throw new SetupError(
      `${complaint}\nThe system has no oneDNN ${MAJOR_VERSION} either.`,
      "Install your distribution's package (Debian 13, Ubuntu 24.10 and later: libdnnl-dev). Without it another engine serves.",
    );
  }
  await linkSystem(join(context.root, 'native/deps'), system);
  return `${system.lib} ${system.version}`;

  /** @param {{ result: string, scratch: string }} folders */
  async function fill({ result, scratch }) {
    const { wheels, neededMegabytes } = /** @type {NonNullable<typeof build>} */ (build);
    await unpackEach(wheels, neededMegabytes, { result, scratch }, context);
    await symlink('libdnnl.so.3', join(result, 'lib/libdnnl.so'));
  }
}

/**
 * @param {string} prefix
 * @param {string} arch
 */
async function findSystemOneDnn(prefix, arch) {
  const header = await readFile(join(prefix, VERSION_HEADER), 'utf8').catch(() => '');
  const version = ['MAJOR', 'MINOR', 'PATCH']
    .map((part) => new RegExp(`define DNNL_VERSION_${part} (\\d+)`).exec(header)?.[1])
    .join('.');
  const folders = (arch === 'arm64' ? LIBRARY_FOLDERS.arm64 : LIBRARY_FOLDERS.x64).map((path) =>
    join(prefix, path),
  );
  const lib = folders.find((folder) => existsSync(join(folder, 'libdnnl.so')));
  if (!lib || !version.startsWith(`${MAJOR_VERSION}.`)) return undefined;
  return { include: join(prefix, 'include'), lib, version };
}

/**
 * @param {string} deps
 * @param {{ include: string, lib: string }} system
 */
async function linkSystem(deps, { include, lib }) {
  await rm(deps, { recursive: true, force: true });
  await mkdir(deps);
  await symlink(include, join(deps, 'include'));
  await symlink(lib, join(deps, 'lib'));
}

/**
 * Replaces `path` by a link to `target`.
 * @param {string} path
 * @param {string} target
 */
export async function pointTo(path, target) {
  if ((await readlink(path).catch(() => undefined)) === target) return;
  await rm(path, { recursive: true, force: true });
  await symlink(target, path);
}
