import { resolve } from 'node:path';
import type { History } from '../insight/history/history.js';
import { KeptImages } from '../insight/history/kept-images.js';
import { type HistoryOptions, openHistory } from '../insight/history/open-history.js';
import { SharedDatabase } from '../insight/history/postgres/shared-database.js';
import { FoveaError } from '../platform/errors.js';
import type { ServiceState } from '../serving/service-state.js';
import { sharedDatabaseOf } from './config/derived.js';
import type { Deps } from './deps.js';

/** Past predictions.
 * @param database that servers share; undefined without one
 * @throws FoveaError `history_failed`, `config_invalid` */
export async function createHistory(
  { config, log, lifecycle }: Deps,
  state: Pick<ServiceState, 'degrade' | 'restore'>,
  database: SharedDatabase | undefined,
): Promise<History> {
  // Strict predictions fail while their rows cannot be written.
  const stopsPredictions = config.history.durability === 'strict';
  const { durability, maxQueuedRows, maxRows, maxAgeDays } = config.history;
  const options: HistoryOptions = {
    ...{ database, durability, maxQueuedRows, maxRows, maxAgeDays },
    path: resolve(config.storage.stateDir, config.storage.historyPath),
    onProblem: (error) => log.error({ err: error }, 'the history failed'),
    onLost: (error, rows) => log.error({ err: error, lost_rows: rows }, 'predictions were not recorded'),
    onState: (failure) => {
      if (failure !== undefined) return state.degrade('history', failure, { stopsPredictions });
      state.restore('history');
      log.info('the history is written again');
    },
  };
  const history = await openHistory(options).catch((error: unknown) => {
    if (!(error instanceof FoveaError) || error.code !== 'history_damaged') throw error;
    // The damaged file was renamed. Predictions must not wait for an operator: go on with a new file.
    log.error({ err: error }, 'the history is damaged: it was set aside, and a new one is started');
    return openHistory(options);
  });
  lifecycle.add({ name: 'history', flush: () => history.flush(), close: () => history.close() });
  return history;
}

/** The database that servers share; undefined without `FOVEA_HISTORY_URL`. */
export function createSharedDatabase({ config }: Deps): SharedDatabase | undefined {
  const options = sharedDatabaseOf(config);
  return options === undefined ? undefined : new SharedDatabase(options);
}

/** The store of predicted images; undefined unless FOVEA_KEEP_IMAGES is set. */
export async function openKeptImages({ config }: Deps): Promise<KeptImages | undefined> {
  const { keepsImages, maxImageBytes, maxAgeDays } = config.history;
  if (!keepsImages) return undefined;
  const directory = resolve(config.storage.stateDir, 'images');
  return KeptImages.open({ directory, maxBytes: maxImageBytes, maxAgeDays });
}
