import { resolve } from 'node:path';
import type { Config } from './schema.js';

/** Where calibrations for int8 lie that did not come with a model version. */
export function calibrationsDirOf({ storage }: Config): string {
  return resolve(storage.stateDir, 'calibrations');
}
