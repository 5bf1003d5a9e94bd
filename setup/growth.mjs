import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const LOOK_EVERY_MS = 400;

/**
 * Shows the progress of a tool that reports none, by the size of the folder that it fills.
 * @template T
 * @param {string} folder
 * @param {number} totalMegabytes The final size.
 * @param {import('./progress.mjs').Report} report
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function reportGrowth(folder, totalMegabytes, report, work) {
  const look = async () => report((await sizeOf(folder)) / 1e6, totalMegabytes);
  const timer = setInterval(look, LOOK_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/**
 * The size of a folder. Files that vanish meanwhile are not counted.
 * @param {string} folder
 */
async function sizeOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = files.map((entry) =>
    stat(join(entry.parentPath, entry.name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
