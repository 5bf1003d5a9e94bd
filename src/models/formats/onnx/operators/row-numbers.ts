import { sizeOf } from '../../../plan/plan.js';
import { constant, fail, ints, type NodeCall, type Operator, type RowNumbers } from '../graph-builder.js';
import type { Constant } from '../tensors.js';

/** Stands for the number of rows in a shape that the graph computes. */
export const ROWS = -2;

/** The numbers of the rows, from 0. */
export const range: Operator = (call) => {
  const [start, limit, step] = [0, 1, 2].map((index) => constant(call, index).values[0]);
  if (start !== 0 || limit !== ROWS || step !== 1) fail(call, 'counts other things than the rows');
  return {
    kind: 'rowNumbers',
    step: 1,
    offsets: { kind: 'constant', dims: [], values: new Float32Array(1) },
  };
};

/** The sum or product of row numbers and a constant.
 * @param op null for other arithmetic */
export function combineRowNumbers(
  call: NodeCall,
  numbers: RowNumbers,
  op: 'add' | 'multiply' | null,
): RowNumbers {
  const operand = call.inputs.find((value) => value !== numbers);
  const rank = numbers.offsets.dims.length + 1;
  if (op === null || operand?.kind !== 'constant' || operand.dims.length > rank)
    return fail(call, 'computes with the numbers of rows');
  return op === 'add' ? plus(call, numbers, operand) : times(call, numbers, operand);
}

function times(call: NodeCall, { step, offsets }: RowNumbers, { values }: Constant): RowNumbers {
  const [factor = 0] = values;
  if (values.length !== 1) fail(call, 'multiplies the numbers of rows by several numbers');
  return {
    kind: 'rowNumbers',
    step: step * factor,
    offsets: { ...offsets, values: offsets.values.map((offset) => offset * factor) },
  };
}

function plus(call: NodeCall, { step, offsets }: RowNumbers, operand: Constant): RowNumbers {
  const rank = offsets.dims.length + 1;
  const [rows, ...dims] = [...Array.from({ length: rank - operand.dims.length }, () => 1), ...operand.dims];
  const [one, other] =
    offsets.values.length === 1 ? [offsets.values, { ...operand, dims }] : [operand.values, offsets];
  const [summand = 0] = one;
  if (rows !== 1 || one.length !== 1) fail(call, 'adds several numbers to the numbers of rows');
  return {
    kind: 'rowNumbers',
    step,
    offsets: { ...other, values: other.values.map((offset) => offset + summand) },
  };
}

/** Row numbers with more dimensions of 1 after their own. */
export function widenRowNumbers(call: NodeCall, { step, offsets }: RowNumbers): RowNumbers {
  const axes = ints(call.node, 'axes') ?? [...constant(call, 1).values];
  const rank = offsets.dims.length + 1;
  if (axes.some((axis, index) => axis !== rank + index))
    fail(call, 'adds dimensions elsewhere than behind the rows');
  return {
    kind: 'rowNumbers',
    step,
    offsets: { ...offsets, dims: [...offsets.dims, ...axes.map(() => 1)] },
  };
}

/** The dimensions, without that of the rows, in which indices pick all numbers of all rows in their order.
 * @param size of one row */
export function keptDims(call: NodeCall, size: number): readonly number[] {
  const indices = call.inputs[1];
  const isComputed = indices?.kind === 'rowNumbers';
  const { dims, values } = isComputed ? indices.offsets : constant(call, 1);
  const rowDims = isComputed ? dims : dims.slice(1);
  const hasAllRows = isComputed ? indices.step === size : dims.length > 0 && dims[0] === call.rows;
  const isInOrder = values.every((value, index) => value === index);
  return hasAllRows && sizeOf(rowDims) === size && isInOrder
    ? rowDims
    : fail(call, 'picks other numbers than all of its rows in their order');
}
