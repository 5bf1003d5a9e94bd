import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const STAMP = '.fovea-setup.json';

/**
 * Does `work` unless it was done for the same inputs. The stamp lies in the folder of what `work` makes, so that it
 * vanishes with that.
 * @param {string} folder There at the latest when `work` is done.
 * @param {Record<string, string>} inputs What the result depends on.
 * @param {() => Promise<void>} work
 */
export async function unlessDoneFor(folder, inputs, work) {
  const file = join(folder, STAMP);
  const stamp = JSON.stringify(inputs);
  if ((await readFile(file, 'utf8').catch(() => '')) === stamp) return;
  // An interrupted work must not look like the work before it.
  await rm(file, { force: true });
  await work();
  await writeFile(file, stamp);
}
