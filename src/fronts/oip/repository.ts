import type { ListedVersion } from '../../models/repository/list-versions.js';
import { FoveaError } from '../../platform/errors.js';
import type { ModelControl } from '../../serving/rollout/model-control.js';
import type { AskedModel } from '../../serving/rollout/served-model.js';
import type { Service } from '../../serving/service-state.js';

export interface RepositoryDeps {
  readonly service: Pick<Service, 'phase' | 'models' | 'stateOf'>;
  readonly models: Pick<ModelControl, 'loadedOf' | 'problemOf' | 'rescan' | 'unload'>;
  readonly listVersions: () => Promise<readonly ListedVersion[]>;
}

/** A line of the repository index. */
export interface IndexEntry {
  readonly name: string;
  readonly version?: string;
  readonly state?: 'READY' | 'UNAVAILABLE';
  readonly reason?: string;
}

/** Every version that is or was to be served. A model that was not loaded yet has only its name.
 * @param isReady lists only versions that serve */
export async function repositoryIndex(deps: RepositoryDeps, isReady: boolean): Promise<IndexEntry[]> {
  const { service, models, listVersions } = deps;
  const listed = await listVersions();
  const entries = service.models.flatMap(({ name, versions, problem, isUnloaded }): IndexEntry[] => {
    if (versions.length === 0 && problem === null && !isUnloaded) return [{ name }];
    return listed
      .filter(({ model }) => model === name)
      .map((each) => {
        const version = String(each.version);
        if (versions.includes(each.version)) return { name, version, state: 'READY' };
        const fault = 'problem' in each ? each.problem : (models.problemOf(name, each.version) ?? problem);
        return { name, version, state: 'UNAVAILABLE', reason: fault ?? 'unloaded' };
      });
  });
  return isReady ? entries.filter(({ state }) => state === 'READY') : entries;
}

/** Whether a model, or one version of it, answers requests now. Loads nothing.
 * @throws FoveaError `not_found`; `model_not_ready` for a version that exists but does not serve */
export async function requireReady(deps: RepositoryDeps, { model = '', version }: AskedModel): Promise<void> {
  const { service, listVersions } = deps;
  const state = service.stateOf(model);
  if (state === undefined) throw new FoveaError('not_found', `The repository has no model "${model}".`);
  const isServed = version === undefined ? state.versions.length > 0 : state.versions.includes(version);
  if (isServed && service.phase === 'ready') return;
  if (version !== undefined && !isServed) {
    const isKnown = (await listVersions()).some(
      (each) => each.model === state.name && each.version === version,
    );
    if (!isKnown) throw new FoveaError('not_found', `The model ${model} has no version ${version}.`);
  }
  throw new FoveaError('model_not_ready', 'The model is not ready.');
}

/** Loads a model; a loaded one stays. Settles once it serves.
 * @throws FoveaError `not_found`, and errors of loading */
export async function loadModel({ service, models }: RepositoryDeps, model: string): Promise<void> {
  // The folder may have appeared since the last scan.
  if (service.stateOf(model) === undefined) await models.rescan();
  await models.loadedOf(model);
}
