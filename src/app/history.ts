import { resolve } from 'node:path';
import { openHistory } from '../insight/history/client.js';
import type { History } from '../insight/history/history.js';
import { KeptImages } from '../insight/history/kept-images.js';
import type { Deps } from './deps.js';

/** Past predictions.
 * @throws FoveaError `history_damaged`, `history_failed`, `config_invalid` */
export async function createHistory({ config, log, lifecycle }: Deps): Promise<History> {
  const history = await openHistory({
    ...config.history,
    path: resolve(config.storage.stateDir, config.storage.historyPath),
    onProblem: (error) => log.error({ err: error }, 'the history failed'),
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
