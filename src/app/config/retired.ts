import type { Environment } from './load.js';

/** Settings of the old service that Fovea does not read, and their successors. */
const RETIRED: Readonly<Record<string, string>> = {
  RATE_LIMIT_DEFAULT: 'FOVEA_RATE_LIMIT_PREDICT, or FOVEA_RATE_LIMIT_PRESET=legacy',
  RATE_LIMIT_STORAGE_URL: 'FOVEA_REDIS_URL',
};

/** @returns one line for each retired setting that is set */
export function retiredSettings(env: Environment): string[] {
  return Object.entries(RETIRED)
    .filter(([name]) => env[name] !== undefined && env[name] !== '')
    .map(([name, ours]) => `${name} has no effect: use ${ours}.`);
}
