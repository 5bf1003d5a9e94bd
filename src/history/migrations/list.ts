import predictions from './001-predictions.js';

/** In order; a file's `user_version` is how many it has seen. Once released, a migration is never changed. */
export const MIGRATIONS: readonly string[] = [predictions];
