import type { TrainingPlan, TrainingStep } from './plan.js';

/**
 * The range of a model's outputs: `probabilities` are 0..1 and sum to 1 in each row (softmax), `scores` are 0..1 each
 * (sigmoid), `logits` are any finite numbers.
 */
export type OutputKind = 'probabilities' | 'logits' | 'scores';

/** Steps that change no number in inference. */
const PASSED: readonly string[] = ['reshape', 'dropout', 'trainingOnly'];

/** Derives the kind from the plan's last activation. A plan that ends in another operation, such as the mean of two
 * softmaxes, counts as `probabilities`: the warm-up checks the sums. */
export function outputKindOf(plan: TrainingPlan): OutputKind {
  const byOutput = new Map(plan.steps.map((step) => [step.output, step]));
  let step = byOutput.get(plan.output);
  while (step !== undefined && PASSED.includes(step.op)) step = byOutput.get(step.inputs[0] ?? Number.NaN);
  const activation = step === undefined ? undefined : activationOf(step);
  if (activation === undefined || activation === 'softmax') return 'probabilities';
  return activation === 'sigmoid' ? 'scores' : 'logits';
}

function activationOf(step: TrainingStep): string | undefined {
  return 'activation' in step ? step.activation.kind : undefined;
}
