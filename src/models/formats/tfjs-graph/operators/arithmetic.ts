import {
  type Computed,
  type Constant,
  computed,
  constant,
  fail,
  type NodeCall,
  type Operator,
  perChannel,
} from '../operator.js';

/** `scale · x + shift` for a constant operand; null where it is none. */
type Affine = (operand: number, isFirst: boolean) => readonly [scale: number, shift: number] | null;

function withConstant(call: NodeCall, value: Computed, operand: Constant, affine: Affine): Computed {
  const isFirst = call.inputs[0] === operand;
  const numbers =
    perChannel(operand, value.shape.at(-1) ?? 0) ??
    fail(call, 'combines an image with other constants than one a channel');
  const [scale, shift] = [new Float32Array(numbers.length), new Float32Array(numbers.length)];
  numbers.forEach((number, channel) => {
    [scale[channel], shift[channel]] = affine(number, isFirst) ?? fail(call, 'divides by an image');
  });
  return call.add({ op: 'scaleShift', scale, shift, shape: value.shape }, [value]);
}

function arithmetic(affine: Affine, combine: (call: NodeCall) => Computed): Operator {
  return (call) => {
    const [left, right] = call.inputs;
    if (left?.kind === 'constant') return withConstant(call, computed(call, 1), left, affine);
    return right?.kind === 'constant' ? withConstant(call, computed(call, 0), right, affine) : combine(call);
  };
}

function merge(call: NodeCall, op: 'add' | 'multiply', values: readonly Computed[]): Computed {
  const [first = computed(call), ...rest] = values;
  const shape = rest.reduce<readonly number[]>(
    (sides, value) => sides.map((side, axis) => Math.max(side, value.shape[axis] ?? 0)),
    first.shape,
  );
  const fits = values.every(
    (value) =>
      value.shape.length === shape.length &&
      value.shape.every((side, axis) => side === 1 || side === shape[axis]),
  );
  if (!fits) fail(call, 'combines values of different shapes');
  return call.add({ op, shape }, values);
}

function both(call: NodeCall): readonly [Computed, Computed] {
  return [computed(call, 0), computed(call, 1)];
}

function multiply(call: NodeCall): Computed {
  const [left, right] = both(call);
  const swished = right.sigmoidOf === left.id ? left : left.sigmoidOf === right.id ? right : undefined;
  if (swished === undefined) return merge(call, 'multiply', [left, right]);
  return call.add({ op: 'activation', activation: { kind: 'swish', alpha: 0 }, shape: swished.shape }, [
    swished,
  ]);
}

function subtract(call: NodeCall): Computed {
  const [left, right] = both(call);
  const channels = right.shape.at(-1) ?? 0;
  const [scale, shift] = [new Float32Array(channels).fill(-1), new Float32Array(channels)];
  return merge(call, 'add', [
    left,
    call.add({ op: 'scaleShift', scale, shift, shape: right.shape }, [right]),
  ]);
}

const add = arithmetic(
  (operand) => [1, operand],
  (call) => merge(call, 'add', both(call)),
);

const concat: Operator = (call) => {
  const values = call.inputs.slice(0, -1).map((_, index) => computed(call, index));
  const [axis = 0] = constant(call, call.inputs.length - 1).values;
  const rank = (values[0]?.shape.length ?? 0) + 1;
  const outer = values[0]?.shape.slice(0, -1) ?? [];
  const isAlike = values.every(({ shape }) => shape.slice(0, -1).join() === outer.join());
  if ((axis < 0 ? axis + rank : axis) !== rank - 1 || !isAlike)
    fail(call, 'joins other dimensions than the channels');
  const channels = values.reduce((sum, { shape }) => sum + (shape.at(-1) ?? 0), 0);
  return call.add({ op: 'concat', shape: [...outer, channels] }, values);
};

export const arithmeticOperators: Readonly<Record<string, Operator>> = {
  Add: add,
  AddV2: add,
  AddN: (call) =>
    merge(
      call,
      'add',
      call.inputs.map((_, index) => computed(call, index)),
    ),
  Sub: arithmetic((operand, isFirst) => (isFirst ? [-1, operand] : [1, -operand]), subtract),
  Mul: arithmetic((operand) => [operand, 0], multiply),
  RealDiv: arithmetic(
    (operand, isFirst) => (isFirst ? null : [1 / operand, 0]),
    (call) => fail(call, 'divides by an image'),
  ),
  ConcatV2: concat,
};
