import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { withLock } from './lock.mjs';
import { SetupError } from './setup-error.mjs';

const UNFINISHED = 'unfinished-';

/**
 * The user's cache, shared by all clones.
 * @param {NodeJS.ProcessEnv} env
 */
export function cacheDirectory(env) {
  if (env.FOVEA_CACHE_DIR) return resolve(env.FOVEA_CACHE_DIR);
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'fovea');
}

/**
 * Creates the cache's folder `name` unless it exists. The folder appears atomically: `fill` works in a temporary folder, which
 * is then renamed, or removed on failure.
 * @param {string} name
 * @param {number} neededMegabytes Disk space that filling takes at its peak.
 * @param {(folders: { result: string, scratch: string }) => Promise<void>} fill
 *   Writes `result`; `scratch` is deleted.
 * @param {import('./context.mjs').Context} context
 * @returns {Promise<string>} The folder.
 */
export async function fillOnce(name, neededMegabytes, fill, context) {
  const cache = cacheDirectory(context.env);
  const finished = join(cache, name);
  if (existsSync(finished)) return finished;
  return withLock(join(cache, 'setup.lock'), context, async () => {
    if (existsSync(finished)) return finished;
    await removeUnfinished(cache);
    await requireSpace(cache, neededMegabytes);
    const work = await mkdtemp(join(cache, UNFINISHED));
    const folders = { result: join(work, 'result'), scratch: join(work, 'scratch') };
    try {
      for (const folder of Object.values(folders)) await mkdir(folder);
      await fill(folders);
      context.signal.throwIfAborted();
      await rename(folders.result, finished);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
    return finished;
  });
}

/**
 * Removes the temporary folders of killed set-ups. The caller must hold the lock, so no other set-up uses them.
 * @param {string} cache
 */
async function removeUnfinished(cache) {
  for (const entry of await readdir(cache)) {
    if (entry.startsWith(UNFINISHED)) await rm(join(cache, entry), { recursive: true, force: true });
  }
}

/**
 * @param {string} cache
 * @param {number} neededMegabytes
 */
async function requireSpace(cache, neededMegabytes) {
  const { bavail, bsize } = await statfs(cache);
  const freeMegabytes = (bavail * bsize) / 1e6;
  if (freeMegabytes >= neededMegabytes) return;
  throw new SetupError(
    `${cache} needs ${neededMegabytes} MB of free space, but has ${Math.floor(freeMegabytes)} MB.`,
    'Free disk space, or set FOVEA_CACHE_DIR to a folder on a larger disk.',
  );
}
