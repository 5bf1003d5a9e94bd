import type { ModelVersion } from '../../models/repository/model-version.js';
import { FoveaError } from '../../platform/errors.js';
import type { TrainingRequest } from './training.js';
import { unfamiliarAboveOf } from './unfamiliar-above.js';

/** @param base undefined: random weights
 * @throws FoveaError `bad_request` where anything but a head would learn what only a head can: several labels an image, or when an image
 *   is unfamiliar. Other layers change the features, and with them all distances. */
export function requireHead(request: TrainingRequest, base: ModelVersion | undefined): void {
  const { task, labels, settings } = request;
  const isHead = base !== undefined && ['auto', 'head'].includes(settings.learn);
  const limit = unfamiliarAboveOf(request, base);
  if (limit !== undefined && !isHead) {
    const isOfBase = settings.unfamiliar_above === undefined;
    throw new FoveaError(
      'bad_request',
      `Only a head on a base knows unfamiliar_above${isOfBase ? `, and ${base?.model}/${base?.version} has ${limit}` : ''}: name the version to start from, and learn head or auto; or end it by unfamiliar_above null (on the command line: off).`,
    );
  }
  if (task === 'single') return;
  if (!isHead)
    throw new FoveaError(
      'bad_request',
      'Several labels an image are learned by a head on a base: name the version to start from, and learn head or auto.',
    );
  if (labels !== null)
    throw new FoveaError(
      'bad_request',
      'Labels name class folders; data of several labels names its labels itself.',
    );
}
