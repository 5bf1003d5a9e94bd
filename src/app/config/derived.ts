import { resolve } from 'node:path';
import type { Config } from './schema.js';

/** Where calibrations for int8 lie that did not come with a model version. */
export function calibrationsDirOf({ storage }: Config): string {
  return resolve(storage.stateDir, 'calibrations');
}

/** Where model versions lie: the repository, and what this server trained while that was read-only. */
export function modelsDirsOf({ repository, storage }: Config): readonly [string, string] {
  return [repository.modelsDir, resolve(storage.stateDir, 'models')];
}
