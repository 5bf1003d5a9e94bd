import type { Database } from 'better-sqlite3';
import { toCatalogueError } from './catalogue-error.js';
import { type Added, type CatalogueTask, catalogueTaskSchema, type Removed } from './catalogue-schema.js';
import { openToChange } from './database.js';
import { deleteLeftovers } from './image-files.js';
import { removeImage, removeModel, removeUpload } from './remove.js';

async function carryOut(task: CatalogueTask, database: Database): Promise<Added | Removed> {
  switch (task.do) {
    case 'add': {
      // A deletion does not wait for its decoders.
      const { addUpload } = await import('./add-upload.js');
      return addUpload(database, task);
    }
    case 'remove_upload':
      return removeUpload(task.folder, database, task.upload);
    case 'remove_model':
      return removeModel(task.folder, database, task.model);
    case 'remove_image':
      return removeImage(task.folder, database, task);
    case 'clean':
      await deleteLeftovers(task.folder, database);
      return { images_removed: 0 };
  }
}

/**
 * Runs one task on the catalogue. Do not call it while another call is running. @param message a task
 * @throws FoveaError
 */
export async function changeCatalogue(message: unknown): Promise<Added | Removed> {
  const task = catalogueTaskSchema.parse(message);
  const database = openToChange(task.folder);
  try {
    return await carryOut(task, database);
  } catch (error) {
    throw toCatalogueError(error);
  } finally {
    database.close();
  }
}
