import { FoveaError } from '../platform/errors.js';
import type { ServedModelsOptions } from '../serving/rollout/served-models.js';
import type { SharedChoices } from '../serving/rollout/shared-choices.js';
import type { ServiceState } from '../serving/service-state.js';

/** Shows in health which chosen versions cannot be served.
 * @param shared tries the choice again; undefined for choices of this server alone */
export function showMissingVersions(
  state: Pick<ServiceState, 'degrade' | 'restore'>,
  shared: Pick<SharedChoices, 'missed'> | undefined,
): ServedModelsOptions['onMissing'] {
  const failures = new Map<string, FoveaError>();
  return (model, missing) => {
    failures.delete(model);
    for (const [version, { code, message, cause }] of missing)
      failures.set(
        model,
        new FoveaError(code, `Version ${version} of ${model} was chosen and cannot be served: ${message}`, {
          cause,
        }),
      );
    const [failure] = failures.values();
    if (failure === undefined) return state.restore('versions');
    state.degrade('versions', failure);
    const ofModel = failures.get(model);
    if (ofModel !== undefined) shared?.missed(model, ofModel);
  };
}
