import type { TrainingPlan } from '../../../models/plan/plan.js';
import type { Head } from './fit-head.js';

/** The network of a trunk and a new head. */
export function withHead(
  trunk: TrainingPlan,
  { kernel, bias }: Head,
  activation: 'softmax' | 'sigmoid' = 'softmax',
): TrainingPlan {
  const classes = bias.length;
  const output = Math.max(trunk.output, ...trunk.steps.map((step) => step.output)) + 1;
  return {
    ...trunk,
    steps: [
      ...trunk.steps,
      {
        op: 'dense',
        layer: 'head',
        inputs: [trunk.output],
        output,
        shape: [classes],
        kernel: { shape: [trunk.classes, classes], values: kernel },
        bias,
        activation: { kind: activation, alpha: 0 },
      },
    ],
    output,
    classes,
  };
}
