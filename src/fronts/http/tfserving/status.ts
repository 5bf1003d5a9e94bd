import type { ListedVersion } from '../../../models/repository/list-versions.js';
import { FoveaError } from '../../../platform/errors.js';
import type { RepositoryDeps } from '../../oip/repository.js';

const GOOD = { error_code: 'OK', error_message: '' };

function stateOf(listed: ListedVersion, served: readonly number[], problem: string | undefined) {
  const { version } = listed;
  const fault = 'problem' in listed ? listed.problem : problem;
  return {
    version: String(version),
    state: served.includes(version) ? 'AVAILABLE' : 'END',
    status: fault === undefined ? GOOD : { error_code: 'FAILED_PRECONDITION', error_message: fault },
  };
}

/** The states of a model's versions, in one object with the members that KServe's V1 protocol has.
 * @param version undefined: all versions
 * @throws FoveaError `not_found` */
export async function modelStatus(deps: RepositoryDeps, model: string, version: number | undefined) {
  const { service, models, listVersions } = deps;
  const state = service.stateOf(model);
  if (state === undefined)
    throw new FoveaError('not_found', `Could not find any versions of model ${model}.`);
  const listed = (await listVersions())
    .filter((each) => each.model === state.name && each.version === (version ?? each.version))
    .map((each) => stateOf(each, state.versions, models.problemOf(state.name, each.version)));
  if (listed.length === 0)
    throw new FoveaError('not_found', `Could not find version ${version} of model ${model}.`);
  const isReady = service.phase === 'ready' && listed.some((each) => each.state === 'AVAILABLE');
  return { name: model, ready: isReady, model_version_status: listed };
}
