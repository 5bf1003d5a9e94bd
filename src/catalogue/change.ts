import type { Database } from 'better-sqlite3';
import { type Added, type CatalogueTask, catalogueTaskSchema, type Removed } from '../contracts/catalogue.js';
import { FoveaError } from '../errors.js';
import { addUpload } from './add-upload.js';
import { openToChange } from './database.js';
import { deleteLeftovers } from './image-files.js';
import { removeImage, removeUpload } from './remove.js';

const NO_SPACE = /ENOSPC|EDQUOT|SQLITE_FULL/;

async function carryOut(task: CatalogueTask, database: Database): Promise<Added | Removed> {
  switch (task.do) {
    case 'add':
      return addUpload(database, task);
    case 'remove_upload':
      return removeUpload(task.folder, database, task.upload);
    case 'remove_image':
      return removeImage(task.folder, database, task);
    case 'clean':
      await deleteLeftovers(task.folder, database);
      return { images_removed: 0 };
  }
}

/** What else fails is the disk's or SQLite's. */
function toError(error: unknown): FoveaError {
  if (error instanceof FoveaError) return error;
  const isFull =
    error instanceof Error && NO_SPACE.test(`${'code' in error ? error.code : ''} ${error.message}`);
  return isFull
    ? new FoveaError('quota_exceeded', 'The disk is full: the catalogue of training images cannot grow.', {
        cause: error,
      })
    : new FoveaError('catalogue_failed', 'The catalogue of training images cannot be changed now.', {
        cause: error,
      });
}

/** Changes the catalogue; one call at a time. @param message a task
 * @throws FoveaError */
export async function changeCatalogue(message: unknown): Promise<Added | Removed> {
  const task = catalogueTaskSchema.parse(message);
  const database = openToChange(task.folder);
  try {
    return await carryOut(task, database);
  } catch (error) {
    throw toError(error);
  } finally {
    database.close();
  }
}
