import { outputKindOf } from '../plan/output-kind.js';
import { INPUT_VALUE, type ScaleShiftStep, type TrainingPlan } from '../plan/plan.js';
import type { ModelOutput } from '../repository/model-output.js';
import type { Facts } from './facts.js';
import { type InnerScaling, innerScaling } from './inner-scaling.js';

/** With this a plan that ends in neither an activation nor a product counts as logits: nothing is known of its numbers. */
const UNKNOWN: ModelOutput = { activation: 'softmax', task: 'single', thresholds: [0.5], drop_first: 0 };

/** States what a network itself says about its input and output.
 * @param hasSize false for a network that takes images of any size */
export function statePlan(facts: Facts, plan: TrainingPlan, { hasSize } = { hasSize: true }): void {
  const [height = 0, width = 0, channels = 0] = plan.inputShape;
  if (hasSize) facts.state('size', { height, width }, 'the network');
  if (channels === 1 || channels === 3) facts.state('channels', channels, 'the network');
  facts.state('outputs', plan.classes, 'the network');
  stateEnd(facts, outputKindOf(plan, UNKNOWN));
}

export function stateEnd(facts: Facts, kind: 'probabilities' | 'scores' | 'logits'): void {
  if (kind === 'logits') return;
  const name = kind === 'scores' ? 'sigmoid' : 'softmax';
  facts.state('activation', 'none', `the network ends in a ${name}`);
  facts.state('task', kind === 'scores' ? 'multi' : 'single', `the network ends in a ${name}`);
}

/** A network's own scaling; null where it takes images scaled. */
export function scalingInside({ steps }: TrainingPlan): InnerScaling | null {
  let read = INPUT_VALUE;
  const leading: ScaleShiftStep[] = [];
  for (const step of steps) {
    if (!step.inputs.includes(read)) continue;
    if (step.op !== 'trainingOnly' && step.op !== 'dropout' && step.op !== 'scaleShift') break;
    if (step.op === 'scaleShift') leading.push(step);
    read = step.output;
  }
  const isIdle = leading.every(
    ({ scale, shift }) => scale.every((one) => one === 1) && shift.every((zero) => zero === 0),
  );
  const [first] = leading;
  if (first === undefined || isIdle) return null;
  return innerScaling(
    first.layer,
    leading.map(({ scale, shift }) => [scale[0] ?? 1, shift[0] ?? 0]),
  );
}
