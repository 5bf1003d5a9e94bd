import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import type { Removed } from './catalogue-schema.js';
import { deleteUnnamed, stagingOf } from './image-files.js';

const hashRows = z.array(z.object({ sha256: z.string() }));

/** Deletes rows before files, so that a reader either finds the file of a row or finds that the row is gone. */
async function removeFiles(folder: string, database: Database, remove: () => string[]): Promise<Removed> {
  // The staging folder marks the change. If the process ends in between, the next start finds it and deletes the
  // files.
  const mark = stagingOf(folder, randomUUID());
  await mkdir(mark, { recursive: true });
  try {
    const hashes = remove();
    deleteUnnamed(folder, database, hashes);
    return { images_removed: hashes.length };
  } finally {
    await rm(mark, { recursive: true, force: true });
  }
}

/** @throws FoveaError `not_found` */
export function removeUpload(folder: string, database: Database, upload: string): Promise<Removed> {
  return removeFiles(folder, database, () => {
    const rows = database.prepare('SELECT sha256 FROM images WHERE upload_id = ?').all(upload);
    // ON DELETE CASCADE deletes the rows of its images.
    const { changes } = database.prepare('DELETE FROM uploads WHERE id = ?').run(upload);
    if (changes === 0) throw new FoveaError('not_found', `There is no upload ${upload}.`);
    return hashRows.parse(rows).map(({ sha256 }) => sha256);
  });
}

/** Removes all images of a model; there may be none. */
export function removeModel(folder: string, database: Database, model: string): Promise<Removed> {
  return removeFiles(folder, database, () => {
    const rows = hashRows.parse(database.prepare('SELECT sha256 FROM images WHERE model = ?').all(model));
    // ON DELETE CASCADE deletes the rows of the images.
    database.prepare('DELETE FROM uploads WHERE model = ?').run(model);
    return rows.map(({ sha256 }) => sha256);
  });
}

/** @throws FoveaError `not_found` */
export function removeImage(
  folder: string,
  database: Database,
  { model, sha256 }: { readonly model: string; readonly sha256: string },
): Promise<Removed> {
  return removeFiles(folder, database, () => {
    const { changes } = database
      .prepare('DELETE FROM images WHERE model = ? AND sha256 = ?')
      .run(model, sha256);
    if (changes === 0) {
      throw new FoveaError('not_found', `The catalogue has no image ${sha256} of ${model}.`);
    }
    return [sha256];
  });
}
