import { checkPlan } from '../../models/engines/check-plan.js';
import { openModel } from '../../models/formats/open-model.js';
import type { TfjsModel } from '../../models/formats/tfjs-files/tfjs-model.js';
import { TfjsLayersSource } from '../../models/formats/tfjs-layers/tfjs-layers.js';
import type { ModelVersion } from '../../models/repository/model-version.js';
import { FoveaError } from '../../platform/errors.js';
import { randomFor } from './augment.js';
import { growHead } from './grow-head.js';

/**
 * Loads the model of a version, with an output for every label; new outputs start with random weights.
 * @param labels the version's labels, optionally followed by new ones
 * @throws FoveaError `model_invalid`; `training_failed` when the head cannot be extended, or the version gives no
 *   probabilities of one class by itself
 */
export async function loadBase(
  version: ModelVersion,
  labels: readonly string[],
  seed: number,
): Promise<TfjsModel> {
  const { activation, task, drop_first: dropped } = version.manifest.output;
  // The loss of training is that of one class an image, on what the file gives.
  if (activation !== 'none' || task !== 'single' || dropped > 0)
    throw new FoveaError(
      'training_failed',
      'Training cannot start from a version whose manifest has output.activation, output.drop_first or task multi.',
    );
  const source = await openModel(version);
  // The trained version is written in the tfjs-layers format with the weight names of this file.
  if (!(source instanceof TfjsLayersSource))
    throw new FoveaError('training_failed', `Training cannot start from the format ${source.format}.`);
  const compiled = await source.plan();
  if ('plan' in compiled) checkPlan(compiled.plan, version.manifest);
  const read = await source.model();
  const isGrown = labels.length > version.manifest.labels.length;
  return isGrown ? growHead(read, labels.length, randomFor(seed, 0)) : read;
}
