import { FoveaError } from '../../platform/errors.js';
import { outputKindOf } from '../plan/output-kind.js';
import type { TrainingPlan } from '../plan/plan.js';
import type { Manifest } from '../repository/manifest.js';

/** @throws FoveaError `model_invalid` when the input shape, the classes or the output kind contradict the manifest */
export function checkPlan(plan: TrainingPlan, manifest: Manifest): void {
  const { height, width, channels } = manifest.input;
  const takes = plan.inputShape.join(' × ');
  const says = [height, width, channels].join(' × ');
  if (takes !== says)
    throw new FoveaError('model_invalid', `The model reads images of ${takes}, its manifest says ${says}.`);
  if (plan.classes !== manifest.labels.length) {
    const message = `The model has ${plan.classes} classes, its manifest has ${manifest.labels.length} labels.`;
    throw new FoveaError('model_invalid', message);
  }
  // Manifest format 1 has no field for the output kind.
  const kind = outputKindOf(plan);
  if (kind !== 'probabilities')
    throw new FoveaError('model_invalid', `The model must end in softmax: it outputs ${kind}.`);
}
