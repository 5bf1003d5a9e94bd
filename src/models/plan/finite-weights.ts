import { areFinite } from '../../platform/are-finite.js';
import { FoveaError } from '../../platform/errors.js';
import type { TrainingPlan } from './plan.js';

/** @throws FoveaError `model_invalid` */
export function requireFinite(name: string, values: Float32Array): void {
  if (!areFinite(values))
    throw new FoveaError('model_invalid', `The weight ${name} holds numbers that are not finite.`);
}

/** Checks the weights and not only outputs, because a ReLU may turn NaN into 0: then wrong outputs are finite.
 * @throws FoveaError `model_invalid` */
export function requireFiniteWeights({ steps }: TrainingPlan): void {
  for (const step of steps) {
    for (const [name, field] of Object.entries<unknown>({ ...step })) {
      const values = valuesOf(field);
      if (values !== undefined) requireFinite(`${step.layer}/${name}`, values);
    }
  }
}

function valuesOf(field: unknown): Float32Array | undefined {
  if (field instanceof Float32Array) return field;
  const isWeights = typeof field === 'object' && field !== null && 'values' in field;
  return isWeights && field.values instanceof Float32Array ? field.values : undefined;
}
