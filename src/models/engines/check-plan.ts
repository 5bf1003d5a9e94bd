import { FoveaError } from '../../platform/errors.js';
import { outputKindOf } from '../plan/output-kind.js';
import type { TrainingPlan } from '../plan/plan.js';
import type { Manifest } from '../repository/manifest.js';

/** @throws FoveaError `model_invalid` when the model takes or gives something else than its manifest says */
export function checkPlan(plan: TrainingPlan, manifest: Manifest): void {
  const { height, width, channels } = manifest.input;
  const takes = plan.inputShape.join(' × ');
  const says = [height, width, channels].join(' × ');
  if (takes !== says)
    throw new FoveaError('model_invalid', `The model takes ${takes} images, its manifest says ${says}.`);
  if (plan.classes !== manifest.labels.length) {
    const message = `The model gives ${plan.classes} classes, its manifest names ${manifest.labels.length}.`;
    throw new FoveaError('model_invalid', message);
  }
  // A manifest of format 1 has no place for another kind.
  const kind = outputKindOf(plan);
  if (kind !== 'probabilities')
    throw new FoveaError('model_invalid', `The model must end in softmax: it gives ${kind}.`);
}
