import { createHash } from 'node:crypto';
import { foldPlan } from './fold.js';
import { INPUT_VALUE, type TrainingPlan, type ValueId } from './plan.js';

/** Identifies what a plan computes, whatever its file calls layers and values: two files of one network have the same digest.
 * @returns SHA-256, hexadecimal */
export function planDigest(trainable: TrainingPlan): string {
  const plan = foldPlan(trainable);
  const hash = createHash('sha256');
  const numbers = new Map<ValueId, number>([[INPUT_VALUE, 0]]);
  for (const { output } of plan.steps) numbers.set(output, numbers.size);
  const numberOf = (value: ValueId) => numbers.get(value) ?? -1;
  const steps = plan.steps.map(({ layer: _, weightNames: __, inputs, output, ...step }) => ({
    ...step,
    inputs: inputs.map(numberOf),
    output: numberOf(output),
  }));
  const text = JSON.stringify([plan.inputShape, steps, numberOf(plan.output)], (_name, value: unknown) => {
    if (!(value instanceof Float32Array)) return value;
    hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    return value.length;
  });
  return hash.update(text).digest('hex');
}
