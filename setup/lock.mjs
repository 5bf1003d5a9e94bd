import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A holder proves every second that it lives; process ids would mean nothing across containers. */
const HEARTBEAT_MS = 1000;
const STALE_AFTER_MS = 8000;
const LOOK_AGAIN_MS = 300;

/**
 * Runs `work` while this process alone holds the lock file.
 *
 * The lock saves doing the same work twice; nothing is corrupted if two processes ever hold it, since
 * results appear by rename. A holder that was killed is overtaken once its heartbeat is stale.
 * @template T
 * @param {string} file
 * @param {import('./context.mjs').Context} context
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, { progress, signal }, work) {
  const owner = randomUUID();
  await mkdir(dirname(file), { recursive: true });
  if (!(await take(file, owner))) {
    await progress.step(`Waiting for another set-up to finish (${file})`, async () => {
      while (!(await take(file, owner))) await sleep(LOOK_AGAIN_MS, undefined, { signal });
    });
  }
  const heartbeat = setInterval(() => utimes(file, new Date(), new Date()).catch(() => {}), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if ((await readFile(file, 'utf8').catch(() => '')) === owner) await rm(file, { force: true });
  }
}

/**
 * @param {string} file
 * @param {string} owner
 */
async function take(file, owner) {
  const age = await stat(file).then(
    (found) => Date.now() - found.mtimeMs,
    () => 0,
  );
  if (age > STALE_AFTER_MS) await rm(file, { force: true });
  return writeFile(file, owner, { flag: 'wx' }).then(
    () => true,
    (error) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
}
