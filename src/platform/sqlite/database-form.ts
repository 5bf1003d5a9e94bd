import type { ErrorCode } from '../errors.js';

/** Name and error code of a database in errors. */
export interface DatabaseName {
  /** As in "The history could not be read or written." */
  readonly name: string;
  /** Code of errors that may pass: file busy, disk full, folder unreachable. */
  readonly failed: ErrorCode;
}

/** One kind of SQLite file. */
export interface DatabaseForm extends DatabaseName {
  /** Code of the error for a damaged file. */
  readonly damaged: ErrorCode;
  /** Marks the files, so that the database of another program is never changed. */
  readonly applicationId: number;
  /** In order; `user_version` counts those that ran. A released migration never changes. */
  readonly migrations: readonly string[];
  /** All tables of files from releases that did not set `applicationId`. */
  readonly unmarkedTables?: readonly string[];
}
