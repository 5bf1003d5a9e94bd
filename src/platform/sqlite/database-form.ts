import type { ErrorCode } from '../errors.js';

/** How errors name a database. */
export interface DatabaseName {
  /** As in "The history could not be read or written." */
  readonly name: string;
  /** Code of errors that may pass: busy, full, out of reach. */
  readonly failed: ErrorCode;
}

/** One kind of SQLite file. */
export interface DatabaseForm extends DatabaseName {
  /** Code of the error for a broken file. */
  readonly damaged: ErrorCode;
  /** Marks our files, so that the database of another program is left alone. */
  readonly applicationId: number;
  /** In order; a file's `user_version` is how many it has seen. Once released, a migration is never changed. */
  readonly migrations: readonly string[];
  /** The only tables of files that were written before such files were marked. */
  readonly unmarkedTables?: readonly string[];
}
