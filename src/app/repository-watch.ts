import type { FoveaError } from '../platform/errors.js';
import { RepositoryWatch } from '../serving/rollout/repository-watch.js';
import type { ServedModels } from '../serving/rollout/served-models.js';
import type { ServiceState } from '../serving/service-state.js';
import { modelsDirsOf } from './config/derived.js';
import type { Deps } from './deps.js';

/** Polls the repository until the end. */
export function watchRepository(
  { config, log, lifecycle }: Deps,
  state: Pick<ServiceState, 'degrade' | 'restore'>,
  models: Pick<ServedModels, 'pickUp'>,
): void {
  let problem: FoveaError | undefined;
  const watch = new RepositoryWatch({
    modelsDirs: modelsDirsOf(config),
    pickUp: () => models.pickUp(),
    onAdded: (versions) => log.info({ versions }, 'new versions in the repository'),
    onRefused: ({ model, version, error }) =>
      log.warn(
        { model, version, err: error },
        'a new version cannot be served: it is tried again when its files change',
      ),
    onPolled: (failure) => {
      if (failure !== undefined && problem === undefined)
        log.error({ err: failure }, 'the repository cannot be polled');
      problem = failure;
      if (failure === undefined) state.restore('repository');
      else state.degrade('repository', failure);
    },
  });
  const timer = setInterval(() => void watch.poll(), config.repository.pollMs);
  lifecycle.add({ name: 'repository watch', close: () => clearInterval(timer) });
}
