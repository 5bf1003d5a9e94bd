import { FoveaError } from '../../platform/errors.js';

/** Maps an error of the disk or of SQLite to a FoveaError. A FoveaError stays as it is. */
export function toCatalogueError(error: unknown): FoveaError {
  const known = FoveaError.from(error);
  if (known.code !== 'internal') return known;
  const message = 'The catalogue of training images cannot be changed.';
  return new FoveaError('catalogue_failed', message, { cause: error });
}
