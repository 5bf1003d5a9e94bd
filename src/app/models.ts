import { resolve } from 'node:path';
import { openRolloutChoices } from '../models/repository/rollout-choices.js';
import type { Metrics } from '../observability/metrics.js';
import { ServedModels } from '../serving/rollout/served-models.js';
import type { ServiceState } from '../serving/service-state.js';
import { modelsDirsOf } from './config/derived.js';
import type { Deps } from './deps.js';
import { startModel } from './start-model.js';

/** The models of the repository; `begin` loads the default model.
 * @throws FoveaError `config_invalid` */
export async function createModels(
  deps: Deps,
  state: ServiceState,
  { observer }: Pick<Metrics, 'observer'>,
): Promise<ServedModels> {
  const { config, log, lifecycle } = deps;
  const models: ServedModels = new ServedModels({
    modelsDirs: modelsDirsOf(config),
    choices: await openRolloutChoices(resolve(config.storage.stateDir)),
    start: (version, use) => {
      const onGivenUp = (): void => {
        if (!models.removeFailed(version)) state.fail();
      };
      return startModel(deps, { version, use, observer, onGivenUp });
    },
    onDefault: (model) => state.serve(model),
    onRefused: (model, version, error) =>
      log.error({ model, version, err: error }, 'a model version cannot be served'),
    retireMs: config.http.requestTimeoutMs,
  });
  state.chooseBy(models);
  lifecycle.add({ name: 'models', close: () => models.close() });
  return models;
}
