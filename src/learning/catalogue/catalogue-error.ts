import { FoveaError } from '../../platform/errors.js';

/** The system's and SQLite's words for a disk without room. */
const NO_SPACE = /^(ENOSPC|EDQUOT|SQLITE_FULL)$/;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Whether the system failed, and not what a client has sent. */
export function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

/** What is not one of our errors already is the disk's or SQLite's. */
export function toCatalogueError(error: unknown): FoveaError {
  if (error instanceof FoveaError) return error;
  if (NO_SPACE.test(codeOf(error))) {
    const message = 'The disk is full: the catalogue of training images cannot grow.';
    return new FoveaError('quota_exceeded', message, { cause: error });
  }
  const message = 'The catalogue of training images cannot be changed now.';
  return new FoveaError('catalogue_failed', message, { cause: error });
}
