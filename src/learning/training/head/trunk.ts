import { neededSteps } from '../../../models/plan/needed-steps.js';
import { sizeOf, type TrainingPlan } from '../../../models/plan/plan.js';
import { FoveaError } from '../../../platform/errors.js';
import { lastDenseOf } from '../last-dense.js';
import type { Head } from './fit-head.js';

/** A network without its last dense layer: its output is the features.
 * @throws FoveaError `training_failed` when the network does not end with a dense layer */
export function trunkOf(plan: TrainingPlan): TrainingPlan {
  const dense = lastDenseOf(plan);
  const [output = plan.output] = dense?.inputs ?? [];
  if (dense === undefined)
    throw new FoveaError(
      'training_failed',
      'A head cannot be learned for this model, because it does not end with a dense layer.',
    );
  const width = sizeOf(dense.kernel.shape.slice(0, 1));
  return { ...plan, steps: neededSteps(plan.steps, output), output, classes: width };
}

/** The network of a trunk and a new head. */
export function withHead(trunk: TrainingPlan, { kernel, bias }: Head): TrainingPlan {
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
        activation: { kind: 'softmax', alpha: 0 },
      },
    ],
    output,
    classes,
  };
}
