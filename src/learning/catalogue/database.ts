import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { FoveaError } from '../../platform/errors.js';
import type { DatabaseForm } from '../../platform/sqlite/database-form.js';
import { openToRead, openToWrite } from '../../platform/sqlite/open-database.js';
import { damagedInPlace } from '../../platform/sqlite/set-aside.js';
import { isDamage } from '../../platform/sqlite/sqlite-error.js';
import { CATALOGUE_FILE, CATALOGUE_SCHEMA } from './catalogue-schema.js';

/** `applicationId` reads "Fcat". */
const CATALOGUE: DatabaseForm = {
  name: 'catalogue of training images',
  failed: 'catalogue_failed',
  damaged: 'catalogue_failed',
  applicationId: 0x46636174,
  migrations: [CATALOGUE_SCHEMA],
};

function failed(cause: unknown): FoveaError {
  return new FoveaError('catalogue_failed', 'The catalogue of training images cannot be opened.', { cause });
}

/**
 * Opens the catalogue of a folder to change it; creates it where there is none.
 * @throws FoveaError `catalogue_failed`
 */
export function openToChange(folder: string): Database {
  try {
    return openToWrite(join(folder, CATALOGUE_FILE), CATALOGUE, {
      synchronous: 'FULL',
      pragmas: ['foreign_keys = ON'],
      // Never set a damaged catalogue aside automatically: its labels exist nowhere else, so that the operator must
      // decide.
      setsDamagedAside: false,
    });
  } catch (error) {
    throw error instanceof FoveaError && error.code !== 'config_invalid' ? error : failed(error);
  }
}

/**
 * Reads from the catalogue of a folder.
 * @returns undefined where there is no catalogue yet
 * @throws FoveaError `catalogue_failed`
 */
export function readCatalogue<T>(folder: string, read: (database: Database) => T): T | undefined {
  const path = join(folder, CATALOGUE_FILE);
  if (!existsSync(path)) return undefined;
  let database: Database | undefined;
  try {
    database = openToRead(path);
    return read(database);
  } catch (error) {
    if (isDamage(error)) throw damagedInPlace(path, CATALOGUE, error);
    throw error instanceof FoveaError ? error : failed(error);
  } finally {
    database?.close();
  }
}
