import type { RandomGenerator } from 'pure-rand';
import type { TfjsModel } from '../../models/formats/tfjs-files/tfjs-model.js';
import { lastDenseOf } from '../../models/plan/last-dense.js';
import type { TrainingPlan } from '../../models/plan/plan.js';
import { FoveaError } from '../../platform/errors.js';
import { integerBetween } from './augment.js';
import { trainingPlanOf } from './network-files.js';

const STEPS_OF_UNIT = 2 ** 24;

/** Name of the last dense layer, whose units are the classes. */
function headOf(plan: TrainingPlan): string {
  const dense = lastDenseOf(plan);
  if (dense !== undefined) return dense.layer;
  throw new FoveaError(
    'training_failed',
    'New labels need a model that ends with a dense layer; train from random weights instead.',
  );
}

/** @source Glorot and Bengio (2010), eq. 16 */
function freshWeights(count: number, inputs: number, outputs: number, random: RandomGenerator): number[] {
  const limit = Math.sqrt(6 / (inputs + outputs));
  const unit = () => integerBetween(0, STEPS_OF_UNIT, random) / STEPS_OF_UNIT;
  return Array.from({ length: count }, () => limit * (2 * unit() - 1));
}

/**
 * Extends a model to more classes. Existing classes keep their weights; new ones get random weights.
 * @param classes at least the current number
 * @throws FoveaError `training_failed` when the model does not end with a dense layer
 */
export function growHead(model: TfjsModel, classes: number, random: RandomGenerator): TfjsModel {
  const name = headOf(trainingPlanOf(model));
  const parts: Float32Array[] = [];
  let at = 0;
  const weightSpecs = model.weightSpecs.map((spec) => {
    const count = spec.shape.reduce((product, size) => product * size, 1);
    const values = new Float32Array(model.weightData.slice(at, at + 4 * count));
    at += 4 * count;
    const isHead = spec.name === `${name}/kernel` || spec.name === `${name}/bias`;
    const columns = spec.shape.at(-1) ?? 0;
    const rows = count / columns;
    if (!isHead) {
      parts.push(values);
      return spec;
    }
    const isKernel = spec.shape.length > 1;
    for (let row = 0; row < rows; row++) {
      const added = classes - columns;
      const fresh = isKernel ? freshWeights(added, rows, classes, random) : new Array<number>(added).fill(0);
      parts.push(values.subarray(row * columns, (row + 1) * columns), Float32Array.from(fresh));
    }
    return { ...spec, shape: [...spec.shape.slice(0, -1), classes] };
  });
  const weightData = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    weightData.set(part, end);
    end += part.length;
  }
  return { topology: withUnits(model.topology, name, classes), weightSpecs, weightData: weightData.buffer };
}

/** Copies the topology with another number of units in the named layer. */
function withUnits(topology: TfjsModel['topology'], layer: string, units: number): TfjsModel['topology'] {
  const isHead = (config: object) => 'units' in config && 'name' in config && config.name === layer;
  return JSON.parse(JSON.stringify(topology), (_, value: unknown) =>
    typeof value === 'object' && value !== null && isHead(value) ? { ...value, units } : value,
  );
}
