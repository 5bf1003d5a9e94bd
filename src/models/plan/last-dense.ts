import type { DenseStep, TrainingPlan } from './plan.js';

/** The dense layer whose units are the classes; undefined when the network ends otherwise. */
export function lastDenseOf({ steps, output }: TrainingPlan): DenseStep | undefined {
  const byOutput = new Map(steps.map((step) => [step.output, step]));
  let step = byOutput.get(output);
  while (step?.op === 'activation') step = byOutput.get(step.inputs[0] ?? output);
  return step?.op === 'dense' ? step : undefined;
}
