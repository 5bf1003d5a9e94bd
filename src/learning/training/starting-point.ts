import type { TfjsModel } from '../../models/formats/tfjs-files/tfjs-model.js';
import type { ImageInput } from '../../models/repository/image-input.js';
import type { ModelVersion } from '../../models/repository/model-version.js';
import { loadBase } from './base.js';
import { buildNetwork } from './network.js';
import { layersModelOf } from './network-files.js';
import type { TrainingSettings } from './training.js';

/** Start of a training. */
export interface StartingPoint {
  /** Its weights are the initial weights. */
  readonly model: TfjsModel;
  readonly input: ImageInput;
  /** `<model>/<version>`; null for random weights. */
  readonly parent: string | null;
  /** Of the parent's labels. */
  readonly labelIds: readonly string[] | undefined;
}

/**
 * A network with random weights.
 * @param classes number of labels
 */
export async function startAnew(
  input: ImageInput,
  classes: number,
  { seed, width_factor: widthFactor }: TrainingSettings,
): Promise<StartingPoint> {
  const model = await layersModelOf(buildNetwork({ input, classes, widthFactor, seed }));
  return { model, input, parent: null, labelIds: undefined };
}

/**
 * The model of a version, with an output for every label.
 * @throws FoveaError `model_invalid`, `training_failed`
 */
export async function startFrom(
  base: ModelVersion,
  labels: readonly string[],
  { seed }: TrainingSettings,
): Promise<StartingPoint> {
  const { input, label_ids: labelIds } = base.manifest;
  const model = await loadBase(base, labels, seed);
  return { model, input, parent: `${base.model}/${base.version}`, labelIds };
}
