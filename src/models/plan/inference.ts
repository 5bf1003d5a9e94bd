import { channelValue } from './channel-value.js';
import type { BatchNormStep, Plan, Step, TrainingPlan, ValueId } from './plan.js';

/** The plan for inference: each batch norm becomes a `scaleShift`, and steps that only training has are removed. */
export function inferencePlan(plan: TrainingPlan): Plan {
  const passed = new Map<ValueId, ValueId>();
  const sourceOf = (value: ValueId) => passed.get(value) ?? value;
  const steps: Step[] = [];
  for (const { weightNames: _, ...original } of plan.steps) {
    const step = { ...original, inputs: original.inputs.map(sourceOf) };
    const [input] = step.inputs;
    if (step.op === 'batchNorm') steps.push(scaleShiftOf(step));
    else if (step.op !== 'dropout' && step.op !== 'trainingOnly') steps.push(step);
    else if (input !== undefined) passed.set(step.output, input);
  }
  return { ...plan, steps, output: sourceOf(plan.output) };
}

function scaleShiftOf({ gamma, beta, mean, variance, epsilon, ...step }: BatchNormStep): Step {
  const { layer, inputs, output, shape } = step;
  const scale = gamma.map((factor, channel) => factor / Math.sqrt(channelValue(variance, channel) + epsilon));
  const shift = beta.map(
    (summand, channel) => summand - channelValue(mean, channel) * channelValue(scale, channel),
  );
  return { op: 'scaleShift', layer, inputs, output, shape, scale, shift };
}
