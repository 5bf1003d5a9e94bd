import type { DatabaseName } from '../database/database-name.js';
import { FoveaError } from '../errors.js';
import { SqliteError } from './driver.js';

/** @returns `disk_full` when SQLite says so; the form's `failed` for another error of SQLite; else the error itself */
export function fromSqlite(error: unknown, { name, failed }: DatabaseName): FoveaError {
  const known = FoveaError.from(error);
  if (!(error instanceof SqliteError) || known.code !== 'internal') return known;
  return new FoveaError(failed, `The ${name} could not be read or written.`, {
    details: { sqlite_code: error.code, reason: error.message },
    cause: error,
  });
}

/** Whether the error says that the file is damaged. */
export function isDamage(error: unknown): boolean {
  return error instanceof SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code);
}
