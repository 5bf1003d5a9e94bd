import { FoveaError } from '../../platform/errors.js';
import { lastDenseOf } from './last-dense.js';
import { neededSteps } from './needed-steps.js';
import { sizeOf, type TrainingPlan } from './plan.js';

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
