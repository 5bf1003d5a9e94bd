import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { FoveaError } from '../../platform/errors.js';
import { CATALOGUE_FILE, CATALOGUE_SCHEMA } from './catalogue-schema.js';

/** Marks our files, so that no other program's database is taken for a catalogue: "Fcat". */
const APPLICATION_ID = 0x46636174;
/** How long another process may hold the file. */
const BUSY_TIMEOUT_MS = 5000;

function failed(cause: unknown): FoveaError {
  return new FoveaError('catalogue_failed', 'The catalogue of training images cannot be opened.', { cause });
}

/** The catalogue of a folder, to be changed; made where there is none.
 * @throws FoveaError `catalogue_failed` */
export function openToChange(folder: string): Database {
  try {
    mkdirSync(folder, { recursive: true });
    const database = new SqliteDatabase(join(folder, CATALOGUE_FILE), { timeout: BUSY_TIMEOUT_MS });
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    const version = database.pragma('user_version', { simple: true });
    if (version === 0) {
      database.transaction(() => {
        database.exec(CATALOGUE_SCHEMA);
        database.pragma(`application_id = ${APPLICATION_ID}`);
        database.pragma('user_version = 1');
      })();
    } else if (version !== 1 || database.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
      database.close();
      throw new Error(`${CATALOGUE_FILE} is not a catalogue of this Fovea`);
    }
    return database;
  } catch (error) {
    throw failed(error);
  }
}

/** Reads from the catalogue of a folder.
 * @returns undefined where there is none yet
 * @throws FoveaError `catalogue_failed` */
export function readCatalogue<T>(folder: string, read: (database: Database) => T): T | undefined {
  const path = join(folder, CATALOGUE_FILE);
  if (!existsSync(path)) return undefined;
  let database: Database | undefined;
  try {
    database = new SqliteDatabase(path, { readonly: true, timeout: BUSY_TIMEOUT_MS });
    return read(database);
  } catch (error) {
    throw error instanceof FoveaError ? error : failed(error);
  } finally {
    database?.close();
  }
}
