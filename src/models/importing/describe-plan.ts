import { outputKindOf } from '../plan/output-kind.js';
import { INPUT_VALUE, type TrainingPlan } from '../plan/plan.js';
import type { ModelOutput } from '../repository/model-output.js';
import type { Facts } from './facts.js';

/** With this a plan that ends in neither an activation nor a product counts as logits: nothing is known of its numbers. */
const UNKNOWN: ModelOutput = { activation: 'softmax', task: 'single', thresholds: [0.5], drop_first: 0 };

/** States what a network itself says about its input and output. */
export function statePlan(facts: Facts, plan: TrainingPlan): void {
  const [height = 0, width = 0, channels = 0] = plan.inputShape;
  facts.state('size', { height, width }, 'the network');
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

/** The layer by which a network scales its images itself; null where it takes them scaled. */
export function scalingInside(plan: TrainingPlan): string | null {
  const first = plan.steps.find(
    (step) => step.inputs.includes(INPUT_VALUE) && step.op !== 'trainingOnly' && step.op !== 'dropout',
  );
  if (first?.op !== 'scaleShift') return null;
  const isIdle = first.scale.every((scale) => scale === 1) && first.shift.every((shift) => shift === 0);
  return isIdle ? null : first.layer;
}
