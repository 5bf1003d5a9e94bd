import type { DatabaseName } from '../database/database-name.js';
import type { ErrorCode } from '../errors.js';

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
