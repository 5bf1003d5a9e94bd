import type { ErrorCode } from '../errors.js';

/** Name and error code of a database in errors. */
export interface DatabaseName {
  /** As in "The history could not be read or written." */
  readonly name: string;
  /** Code of errors that may pass: file busy, disk full, folder unreachable. */
  readonly failed: ErrorCode;
}
