import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const STAMP = '.fovea-setup.json';

/**
 * Runs `work` unless it ran for the same inputs. The stamp is a file in the result's folder, so that it is deleted with the
 * result.
 * @param {string} folder Must exist when `work` ends.
 * @param {Record<string, string>} inputs All that the result depends on.
 * @param {() => Promise<void>} work
 */
export async function unlessDoneFor(folder, inputs, work) {
  const file = join(folder, STAMP);
  const stamp = JSON.stringify(inputs);
  if ((await readFile(file, 'utf8').catch(() => '')) === stamp) return;
  // After an interruption the old stamp must not vouch for a partial result.
  await rm(file, { force: true });
  await work();
  await writeFile(file, stamp);
}
