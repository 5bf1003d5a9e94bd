import type { ModelOutput } from '../repository/model-output.js';
import type { TrainingPlan, TrainingStep } from './plan.js';

/**
 * The range of a model's outputs: `probabilities` are 0..1 and sum to 1 in each row (softmax), `scores` are 0..1 each
 * (sigmoid), `logits` are any finite numbers.
 */
export type OutputKind = 'probabilities' | 'logits' | 'scores';

/** Steps that change no number in inference. */
const PASSED: readonly string[] = ['reshape', 'dropout', 'trainingOnly'];

/** The kind of the model file's outputs, by its manifest. The warm-up checks the values. */
export function statedKindOf({ activation, task }: ModelOutput): OutputKind {
  if (activation !== 'none') return 'logits';
  return task === 'multi' ? 'scores' : 'probabilities';
}

/** Derives the kind from the plan's last activation. For a plan that ends in another operation, such as the mean of two
 * softmaxes, the manifest decides: the warm-up checks the values. */
export function outputKindOf(plan: TrainingPlan, output: ModelOutput): OutputKind {
  const byOutput = new Map(plan.steps.map((step) => [step.output, step]));
  let step = byOutput.get(plan.output);
  while (step !== undefined && PASSED.includes(step.op)) step = byOutput.get(step.inputs[0] ?? Number.NaN);
  const activation = step === undefined ? undefined : activationOf(step);
  if (activation === undefined) return statedKindOf(output);
  if (activation === 'softmax') return 'probabilities';
  return activation === 'sigmoid' ? 'scores' : 'logits';
}

function activationOf(step: TrainingStep): string | undefined {
  return 'activation' in step ? step.activation.kind : undefined;
}
