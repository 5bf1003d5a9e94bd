import { resolve } from 'node:path';
import { openHistory } from '../insight/history/client.js';
import type { History } from '../insight/history/history.js';
import { KeptImages } from '../insight/history/kept-images.js';
import { FoveaError } from '../platform/errors.js';
import type { Deps } from './deps.js';

/** Past predictions.
 * @throws FoveaError `history_failed`, `config_invalid` */
export async function createHistory({ config, log, lifecycle }: Deps): Promise<History> {
  const options = {
    ...config.history,
    path: resolve(config.storage.stateDir, config.storage.historyPath),
    onProblem: (error: FoveaError) => log.error({ err: error }, 'the history failed'),
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

/** The store of predicted images; undefined unless FOVEA_KEEP_IMAGES is set. */
export async function openKeptImages({ config }: Deps): Promise<KeptImages | undefined> {
  const { keepsImages, maxImageBytes, maxAgeDays } = config.history;
  if (!keepsImages) return undefined;
  const directory = resolve(config.storage.stateDir, 'images');
  return KeptImages.open({ directory, maxBytes: maxImageBytes, maxAgeDays });
}
