import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SetupError } from './setup-error.mjs';
import { unlessDoneFor } from './stamp.mjs';

/** Folders and files that the bundle is made of; packages count by the lock file. */
const SOURCES = [
  'dashboard/src',
  'dashboard/samples',
  'dashboard/build.mjs',
  'clients/typescript/src',
  'package-lock.json',
];

/**
 * Builds the dashboard unless no source has changed.
 * @param {import('./context.mjs').Context} context
 * @throws {SetupError} with the bundler's errors
 */
export async function buildDashboard({ root, progress }) {
  const folder = join(root, 'dashboard/build');
  await unlessDoneFor(folder, { sources: await fingerprint(root), node: process.versions.node }, () =>
    progress.step('Building the dashboard', async () => {
      const script = pathToFileURL(join(root, 'dashboard/build.mjs')).href;
      try {
        await (await import(script)).buildDashboard(folder);
      } catch (error) {
        throw new SetupError(
          `The dashboard cannot be built:\n${error instanceof Error ? error.message : String(error)}`,
          'Correct its sources, then run the command again.',
        );
      }
    }),
  );
}

/**
 * Name, size and time of every source: reading them all would delay each start.
 * @param {string} root
 * @returns {Promise<string>}
 */
async function fingerprint(root) {
  const lines = await Promise.all(SOURCES.map((source) => describe(join(root, source))));
  return createHash('sha256').update(lines.flat().sort().join('\n')).digest('hex');
}

/**
 * @param {string} path
 * @returns {Promise<string[]>}
 */
async function describe(path) {
  const { size, mtimeMs } = await stat(path);
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => undefined);
  if (entries === undefined) return [`${path} ${size} ${mtimeMs}`];
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map(describe))).flat();
}
