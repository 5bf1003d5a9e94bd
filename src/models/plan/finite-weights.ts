import { FoveaError } from '../../platform/errors.js';
import type { TrainingPlan } from './plan.js';

/** Whether all numbers are finite. The float64 sum of finite float32 numbers cannot overflow. */
export function areFinite(values: Float32Array): boolean {
  let sum = 0;
  // An index is several times faster than an iterator here.
  for (let index = 0; index < values.length; index++) sum += values[index] ?? 0;
  return Number.isFinite(sum);
}

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
