import { FoveaError } from '../../../platform/errors.js';
import type { ModelControl } from '../../../serving/rollout/model-control.js';
import { versionOf } from '../../oip/version-text.js';
import type { RouteRequest } from '../route.js';

/** The model, version and verb of a path such as `/v1/models/cifar10-cnn/versions/3:predict`. */
export interface Target {
  readonly model: string;
  readonly version: number | undefined;
  /** `predict`, `classify` …; '' without. */
  readonly verb: string;
}

/** Labels are names of versions. These two follow the rollout: an operator moves them by activation and traffic split. */
const STABLE = 'stable';
const CANARY = 'canary';

/** @throws FoveaError `not_found`, and errors of loading */
async function versionOfLabel(
  models: Pick<ModelControl, 'loadedOf'>,
  model: string,
  label: string,
): Promise<number> {
  const { active, shares } = await models.loadedOf(model);
  const canary = shares.find(({ served }) => served !== active)?.served;
  const served = label === STABLE ? active : label === CANARY ? canary : undefined;
  if (served !== undefined) return served.classifier.version.version;
  throw new FoveaError(
    'not_found',
    `The model ${model} has no label "${label}": ${STABLE} is the active version, ${CANARY} the one on trial.`,
  );
}

/** The last segment of the path may end in `:` and a verb. */
function split(segment: string): { readonly name: string; readonly verb: string } {
  const colon = segment.lastIndexOf(':');
  return colon < 0
    ? { name: segment, verb: '' }
    : { name: segment.slice(0, colon), verb: segment.slice(colon + 1) };
}

/** @throws FoveaError `not_found`, `bad_request`, and errors of loading */
export async function targetOf(
  models: Pick<ModelControl, 'loadedOf'>,
  { parameters }: Pick<RouteRequest, 'parameters'>,
): Promise<Target> {
  const { model = '', version = '', label = '' } = parameters;
  const { name, verb } = split(version || label || model);
  if (version !== '') return { model, version: versionOf(name), verb };
  if (label === '') return { model: name, version: undefined, verb };
  return { model, version: await versionOfLabel(models, model, name), verb };
}
