import { resolve } from 'node:path';
import type { Config } from './schema.js';

/** Folder of int8 calibrations that are not part of a model version. */
export function calibrationsDirOf({ storage }: Config): string {
  return resolve(storage.stateDir, 'calibrations');
}

/** Folders of model versions: the repository, then the versions that this server trained while it was read-only. */
export function modelsDirsOf({ repository, storage }: Config): readonly [string, string] {
  return [repository.modelsDir, resolve(storage.stateDir, 'models')];
}
