import { channelValue } from './channel-value.js';
import { inferencePlan } from './inference.js';
import type {
  Conv2dStep,
  DenseStep,
  DepthwiseConv2dStep,
  Padding,
  Plan,
  ScaleShiftStep,
  Step,
  TrainingPlan,
  ValueId,
  Weights,
} from './plan.js';

/**
 * The same function in fewer steps, for inference. A batch norm right after a convolution or dense layer is folded into its
 * weights, an activation into the step before it, and zero padding into the convolution after it, or into the max pool after it
 * where no number is below zero.
 */
export function foldPlan(trainable: TrainingPlan): Plan {
  return fold(trainable, new Set());
}

/** As `foldPlan`, in the memory of the plan's weights, which the plan then must not be used for. */
export function foldPlanInPlace(trainable: TrainingPlan): Plan {
  return fold(trainable, weightsOfOneStep(trainable));
}

/** Layers that are used more than once share their weights. */
function weightsOfOneStep({ steps }: TrainingPlan): ReadonlySet<Float32Array> {
  const [once, again] = [new Set<Float32Array>(), new Set<Float32Array>()];
  for (const step of steps) {
    if (!('filter' in step || 'kernel' in step)) continue;
    const { values } = 'filter' in step ? step.filter : step.kernel;
    (once.has(values) ? again : once).add(values);
  }
  for (const values of again) once.delete(values);
  return once;
}

/** @param free arrays that may be written */
function fold(trainable: TrainingPlan, free: ReadonlySet<Float32Array>): Plan {
  const plan = inferencePlan(trainable);
  const uses = countUses(plan);
  const steps: Step[] = [];
  const placeOf = new Map<ValueId, number>();
  const renamed = new Map<ValueId, ValueId>();
  for (const original of plan.steps) {
    const step = { ...original, inputs: original.inputs.map((value) => renamed.get(value) ?? value) };
    const [read] = step.inputs;
    const place = read === undefined ? undefined : placeOf.get(read);
    const before = place === undefined ? undefined : steps[place];
    const alone = read !== undefined && uses.get(original.inputs[0] ?? read) === 1;
    const merged =
      alone && before !== undefined ? (merge(before, step, free) ?? padPool(before, step, steps)) : null;
    if (merged === null || place === undefined) {
      placeOf.set(step.output, steps.push(step) - 1);
      continue;
    }
    steps[place] = merged;
    placeOf.set(merged.output, place);
    renamed.set(step.output, merged.output);
  }
  return { ...plan, steps, output: renamed.get(plan.output) ?? plan.output };
}

function countUses(plan: Plan): Map<ValueId, number> {
  const uses = new Map<ValueId, number>([[plan.output, 1]]);
  for (const value of plan.steps.flatMap((step) => step.inputs)) uses.set(value, (uses.get(value) ?? 0) + 1);
  return uses;
}

/** Merges two steps into one, in the place and with the value id of the first; null when they cannot be merged. */
function merge(first: Step, second: Step, free: ReadonlySet<Float32Array>): Step | null {
  if (first.op === 'zeroPadding')
    return second.op === 'conv2d' || second.op === 'depthwiseConv2d'
      ? padInside(first.padding, first, second)
      : null;
  if (first.op !== 'conv2d' && first.op !== 'depthwiseConv2d' && first.op !== 'dense') return null;
  if (first.activation.kind !== 'linear') return null;
  if (second.op === 'activation') return { ...first, activation: second.activation };
  if (second.op === 'scaleShift') return scaled(first, second, free);
  return null;
}

/** Zeros around numbers of at least zero never are the maximum, as long as each window sees a number. */
function padPool(padding: Step, pool: Step, steps: readonly Step[]): Step | null {
  if (padding.op !== 'zeroPadding' || pool.op !== 'maxPool') return null;
  const maker = steps.find(({ output }) => output === padding.inputs[0]);
  const { top, bottom, left, right } = padding.padding;
  const [vertical, horizontal] = pool.window;
  const seesNumber = Math.max(top, bottom) < vertical && Math.max(left, right) < horizontal;
  const isOwn = Object.values(pool.padding).every((side) => side === 0);
  if (maker === undefined || !isAtLeastZero(maker) || !seesNumber || !isOwn) return null;
  return { ...pool, padding: padding.padding, inputs: padding.inputs, output: padding.output };
}

function isAtLeastZero(step: Step): boolean {
  return 'activation' in step && ['relu', 'relu6', 'sigmoid', 'softmax'].includes(step.activation.kind);
}

function padInside(outer: Padding, first: Step, second: Conv2dStep | DepthwiseConv2dStep): Step {
  const inner = second.padding;
  const padding = {
    top: outer.top + inner.top,
    bottom: outer.bottom + inner.bottom,
    left: outer.left + inner.left,
    right: outer.right + inner.right,
  };
  return { ...second, padding, inputs: first.inputs, output: first.output };
}

function scaled(
  first: Conv2dStep | DepthwiseConv2dStep | DenseStep,
  norm: ScaleShiftStep,
  free: ReadonlySet<Float32Array>,
): Step {
  const bias = first.bias.map(
    (value, channel) => value * channelValue(norm.scale, channel) + channelValue(norm.shift, channel),
  );
  if (first.op === 'dense') return { ...first, bias, kernel: scaleChannels(first.kernel, norm.scale, free) };
  return { ...first, bias, filter: scaleChannels(first.filter, norm.scale, free) };
}

/** In all layouts of a plan the out channels are the fastest dimension. */
function scaleChannels(
  { shape, values }: Weights,
  scale: Float32Array,
  free: ReadonlySet<Float32Array>,
): Weights {
  const scaledValues = free.has(values) ? values : new Float32Array(values.length);
  for (let index = 0; index < values.length; index++)
    scaledValues[index] = (values[index] ?? Number.NaN) * channelValue(scale, index % scale.length);
  return { shape, values: scaledValues };
}
