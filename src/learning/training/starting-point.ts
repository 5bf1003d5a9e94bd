import { openModel } from '../../models/formats/open-model.js';
import type { TfjsModel } from '../../models/formats/tfjs-files/tfjs-model.js';
import { TfjsLayersSource } from '../../models/formats/tfjs-layers/tfjs-layers.js';
import type { TrainingPlan } from '../../models/plan/plan.js';
import type { ImageInput } from '../../models/repository/image-input.js';
import type { ModelVersion } from '../../models/repository/model-version.js';
import { loadBase } from './base.js';
import { layersToLearn } from './learn-schema.js';
import { buildNetwork } from './network.js';
import { layersModelOf, parameterCount, trainingPlanOf } from './network-files.js';
import { saveModel } from './save-model.js';
import type { TrainingSettings } from './training.js';
import { learningLast, withoutMovingAverages } from './weights-to-learn.js';

/** Start of a training. */
export interface StartingPoint {
  /** Its weights are the initial weights; those with names are learned. */
  readonly plan: TrainingPlan;
  /** Number of values in all weights. */
  readonly parameters: number;
  readonly input: ImageInput;
  /** `<model>/<version>`; null for random weights. */
  readonly parent: string | null;
  /** Of the parent's labels. */
  readonly labelIds: readonly string[] | undefined;
  /** The version's files without the manifest. @param weights by the plan's names; others keep their values */
  readonly save: (weights: ReadonlyMap<string, Float32Array>) => Readonly<Record<string, Uint8Array>>;
}

function startOf(model: TfjsModel): Pick<StartingPoint, 'plan' | 'parameters' | 'save'> {
  return {
    plan: trainingPlanOf(model),
    parameters: parameterCount(model),
    save: (weights) => saveModel(model, weights),
  };
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
  return { ...startOf(model), input, parent: null, labelIds: undefined };
}

/** Whether `startFrom` can go on with a version: it writes back the file that it read. */
export async function keepsItsFile(base: ModelVersion, model: string): Promise<boolean> {
  return base.model === model && (await openModel(base)) instanceof TfjsLayersSource;
}

/**
 * The model of a version, with an output for every label.
 * @throws FoveaError `model_invalid`, `training_failed`
 */
export async function startFrom(
  base: ModelVersion,
  labels: readonly string[],
  { seed, learn }: TrainingSettings,
): Promise<StartingPoint> {
  const { input, label_ids: labelIds, training } = base.manifest;
  const start = startOf(await loadBase(base, labels, seed));
  const layers = layersToLearn(learn);
  // An imported network was trained on far more images: the moments of a few batches would ruin its averages.
  const whole = training === undefined ? withoutMovingAverages(start.plan) : start.plan;
  const plan = layers === undefined ? whole : learningLast(start.plan, layers);
  return { ...start, plan, input, parent: `${base.model}/${base.version}`, labelIds };
}
