import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The holder of the lock touches the file every second. Process ids are not comparable across containers. */
const HEARTBEAT_MS = 1000;
const STALE_AFTER_MS = 8000;
const LOOK_AGAIN_MS = 300;

/**
 * Runs `work` while this process alone holds the lock file.
 *
 * The lock avoids duplicate work. Correctness does not depend on it, because results appear by rename. The lock of a killed
 * holder is taken over when its heartbeat is stale.
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
