import { FoveaError } from '../../platform/errors.js';
import type { TrainingRequest } from './training.js';

/** @throws FoveaError `bad_request` where several labels an image would be learned by anything but a head */
export function requireHead({
  task,
  labels,
  base_directory: base,
  settings: { learn },
}: TrainingRequest): void {
  if (task === 'single') return;
  if (base === null || !['auto', 'head'].includes(learn))
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
