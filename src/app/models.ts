import { join, resolve } from 'node:path';
import type { SharedDatabase } from '../insight/history/postgres/shared-database.js';
import { openDefaultModel } from '../models/repository/default-model.js';
import { openRolloutChoices } from '../models/repository/rollout-choices.js';
import { removeUnfinished } from '../models/repository/unfinished-folders.js';
import { scanInThread } from '../models/verification/scan-thread.js';
import type { Metrics } from '../observability/metrics.js';
import type { InferenceStatistics } from '../serving/inference-statistics.js';
import { ServedModels } from '../serving/rollout/served-models.js';
import type { ServiceState } from '../serving/service-state.js';
import { modelsDirsOf } from './config/derived.js';
import type { Deps } from './deps.js';
import { showMissingVersions } from './missing-versions.js';
import { watchRepository } from './repository-watch.js';
import { createSharedChoices, followOthers } from './shared-choices.js';
import { startModel } from './start-model.js';

interface ModelNeeds extends Pick<Metrics, 'batches'> {
  readonly statistics: InferenceStatistics;
  /** Shares active versions; undefined without one. */
  readonly database: SharedDatabase | undefined;
}

/** The models of the repository; `begin` loads the default model.
 * @throws FoveaError `config_invalid` */
export async function createModels(
  deps: Deps,
  state: ServiceState,
  { batches, statistics, database }: ModelNeeds,
): Promise<ServedModels> {
  const { config, log, lifecycle } = deps;
  const stateDir = resolve(config.storage.stateDir);
  const remembered = await openDefaultModel(join(stateDir, 'default-model.json'));
  const local = await openRolloutChoices(stateDir);
  const isShared = database !== undefined && config.history.rolloutPollMs > 0;
  const shared = isShared ? createSharedChoices(deps, { local, database, state }) : undefined;
  const models: ServedModels = new ServedModels({
    modelsDirs: modelsDirsOf(config),
    alias: config.repository.modelAlias,
    scan: () => scanInThread(modelsDirsOf(config)),
    choices: shared ?? local,
    remembered: {
      get name() {
        return remembered.name;
      },
      // A full disk must not keep the server from predicting.
      remember: (name) =>
        remembered
          .remember(name)
          .catch((error: unknown) => log.error({ err: error }, 'the default model cannot be saved')),
    },
    start: (version, use) => {
      const onGivenUp = (): void => {
        if (!models.removeFailed(version)) state.fail();
      };
      const measured = batches.observerOf(version);
      const counted = statistics.observerOf(version);
      const observer: typeof measured = {
        ...measured,
        batchRan: (batch) => {
          measured.batchRan?.(batch);
          counted.batchRan(batch);
        },
      };
      return startModel(deps, { version, use, observer, onGivenUp });
    },
    onDefault: (model) => state.serve(model),
    onRefused: (model, version, error) =>
      log.error({ model, version, err: error }, 'a model version cannot be served'),
    onMissing: showMissingVersions(state, shared),
    onIgnored: (entries) => log.warn({ entries }, 'the repository has entries that are not model versions'),
    retireMs: config.http.requestTimeoutMs,
  });
  state.chooseBy(models);
  lifecycle.add({ name: 'models', close: () => models.close() });
  if (shared !== undefined) await followOthers(deps, shared, models);
  if (config.repository.pollMs > 0) watchRepository(deps, state, models);
  return models;
}

/** Deletes what killed processes left in the repositories. Never rejects. */
export async function removeRemnantsOf({ config, log }: Deps): Promise<void> {
  const [shared, own] = modelsDirsOf(config);
  for (const directory of config.repository.isReadOnly ? [own] : [shared, own]) {
    try {
      const removed = await removeUnfinished(directory);
      if (removed.length > 0) log.info({ folders: removed }, 'removed what killed trainings left');
    } catch (error) {
      log.warn({ err: error }, 'what killed trainings left cannot be removed');
    }
  }
}
