import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FoveaError } from '../../platform/errors.js';
import { syncPath } from '../../platform/sync-files.js';
import { DELETED_FILE } from './survey-folder.js';
import { unfinishedName } from './unfinished-folders.js';

const READ_ONLY = ['EROFS', 'EACCES', 'EPERM'];

/** Deletes a version's files. An empty folder with a mark keeps its number, because the history of predictions names versions by
 * number: no later version gets it.
 * @throws FoveaError `forbidden` when the repository is read-only */
export async function removeVersion(directory: string): Promise<void> {
  const parent = dirname(directory);
  const unfinished = join(parent, unfinishedName());
  try {
    // The next start deletes this folder if the process ends in between.
    await rename(directory, unfinished);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!READ_ONLY.includes(code)) throw error;
    throw new FoveaError('forbidden', 'The version lies in a repository that this server cannot write.', {
      cause: error,
    });
  }
  await mkdir(directory);
  await writeFile(join(directory, DELETED_FILE), `${JSON.stringify({ deleted_at: new Date() })}\n`);
  await syncPath(parent);
  await rm(unfinished, { recursive: true, force: true });
}
