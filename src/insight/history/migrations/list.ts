import predictions from './001-predictions.js';
import shadows from './002-shadows.js';

/** In order; a file's `user_version` is how many it has seen. Once released, a migration is never changed. */
export const MIGRATIONS: readonly string[] = [predictions, shadows];
