import { FoveaError } from '../../platform/errors.js';
import type { TrainingRequest } from './training.js';

/** @throws FoveaError `bad_request` where anything but a head would learn what only a head can: several labels an image, or when an image
 *   is unfamiliar */
export function requireHead({
  task,
  labels,
  base_directory: base,
  settings: { learn, unfamiliar_above: unfamiliarAbove = null },
}: TrainingRequest): void {
  const isHead = base !== null && ['auto', 'head'].includes(learn);
  if (unfamiliarAbove !== null && !isHead)
    throw new FoveaError(
      'bad_request',
      'Only a head on a base knows unfamiliar_above: name the version to start from, and learn head or auto; or leave unfamiliar_above out.',
    );
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
