import { resolve } from 'node:path';
import type { SharedDatabaseOptions } from '../../insight/history/postgres/shared-database.js';
import type { PrecisionSettings } from '../../models/engines/precision/decide.js';
import type { ImportSettings } from '../../models/importing/import-settings.js';
import type { Config } from './schema.js';

/** Folder of int8 calibrations that are not part of a model version. */
export function calibrationsDirOf({ storage }: Config): string {
  return resolve(storage.stateDir, 'calibrations');
}

/** The database that servers share; undefined for a history of this server alone. */
export function sharedDatabaseOf({ history }: Config): SharedDatabaseOptions | undefined {
  const { url, connectTimeoutMs, queryTimeoutMs, durability, maxQueuedRows, maxRows, maxAgeDays } = history;
  if (url === '') return undefined;
  const settings = { url, connectTimeoutMs, queryTimeoutMs };
  return { settings, durability, maxQueuedRows, maxRows, maxAgeDays };
}

/** How precision `auto` is decided. */
export function precisionSettingsOf(config: Config): PrecisionSettings {
  return {
    ratesDir: resolve(config.storage.stateDir, 'precisions'),
    calibrationsDir: calibrationsDirOf(config),
    maxInt8LossPoints: config.inference.maxInt8LossPoints,
  };
}

/** Threads of one instance, with one model loaded. */
export function instanceThreadsOf({ inference }: Config): number {
  return Math.max(1, Math.floor(inference.cores / inference.instances));
}

/** Folders of model versions: the repository, then the versions that this server trained while it was read-only. */
export function modelsDirsOf({ repository, storage }: Config): readonly [string, string] {
  return [repository.modelsDir, resolve(storage.stateDir, 'models')];
}

/** What imports of models may use, in the command and in the server. */
export function importSettingsOf(config: Config): ImportSettings {
  const { engine, device, precision } = config.inference;
  return {
    limits: config.imports,
    modelsDirs: modelsDirsOf(config),
    isReadOnly: config.repository.isReadOnly,
    calibrationsDir: calibrationsDirOf(config),
    choice: { engine, device, precision },
  };
}
