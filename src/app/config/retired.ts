import type { Environment } from './load.js';

/** Settings of the service that Fovea replaces which mean something else here. */
const RETIRED: Readonly<Record<string, string>> = {
  RATE_LIMIT_DEFAULT: 'FOVEA_RATE_LIMIT_PREDICT, or FOVEA_RATE_LIMIT_PRESET=legacy',
  RATE_LIMIT_STORAGE_URL: 'FOVEA_REDIS_URL',
};

/** @returns one line for every such setting that is set: it has no effect */
export function retiredSettings(env: Environment): string[] {
  return Object.entries(RETIRED)
    .filter(([name]) => env[name] !== undefined && env[name] !== '')
    .map(([name, ours]) => `${name} has no effect any more: use ${ours}.`);
}
