import { FoveaError } from '../../platform/errors.js';

/** Error codes of the system and of SQLite for a full disk. */
const NO_SPACE = /^(ENOSPC|EDQUOT|SQLITE_FULL)$/;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** True for errors of the file system, which are not the client's fault. */
export function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

/** Maps an error of the disk or of SQLite to a FoveaError. A FoveaError stays as it is. */
export function toCatalogueError(error: unknown): FoveaError {
  if (error instanceof FoveaError) return error;
  if (NO_SPACE.test(codeOf(error))) {
    const message = 'The disk is full. The catalogue of training images cannot grow.';
    return new FoveaError('quota_exceeded', message, { cause: error });
  }
  const message = 'The catalogue of training images cannot be changed.';
  return new FoveaError('catalogue_failed', message, { cause: error });
}
