import { FoveaError } from '../../platform/errors.js';
import { requireFiniteWeights } from '../plan/finite-weights.js';
import { type OutputKind, outputKindOf } from '../plan/output-kind.js';
import type { TrainingPlan } from '../plan/plan.js';
import type { Manifest } from '../repository/manifest.js';
import type { ModelOutput } from '../repository/model-output.js';

/** @throws FoveaError `model_invalid` when the input shape, the classes or the output kind contradict the manifest, or a weight is
 * not finite */
export function checkPlan(plan: TrainingPlan, manifest: Manifest): void {
  const { height, width, channels } = manifest.input;
  const takes = plan.inputShape.join(' × ');
  const says = [height, width, channels].join(' × ');
  if (takes !== says)
    throw new FoveaError('model_invalid', `The model reads images of ${takes}, its manifest says ${says}.`);
  const classes = manifest.labels.length + manifest.output.drop_first;
  if (plan.classes !== classes) {
    const message = `The model has ${plan.classes} classes, its manifest has ${classes} labels and dropped classes.`;
    throw new FoveaError('model_invalid', message);
  }
  requireFiniteWeights(plan);
  const problem = problemOf(outputKindOf(plan, manifest.output), manifest.output);
  if (problem !== null) throw new FoveaError('model_invalid', problem);
}

/** @returns why the model's outputs contradict the manifest; null when they fit */
function problemOf(kind: OutputKind, { activation, task }: ModelOutput): string | null {
  if (activation !== 'none')
    return kind === 'logits'
      ? null
      : `The model ends in ${kind === 'scores' ? 'sigmoid' : 'softmax'}: output.activation must be none, not ${activation}.`;
  if (kind === 'logits')
    return 'The model outputs logits: output.activation must be softmax or sigmoid, whichever it was trained with.';
  return kind === 'probabilities' && task === 'multi'
    ? 'The model ends in softmax, which fits output.task single only.'
    : null;
}
