import { flag } from '../attributes.js';
import { computed, constant, fail, type Operator, perChannel } from '../operator.js';
import { fusedInto } from './fused.js';

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  return values.map((_, index) => values[(index % rows) * columns + Math.floor(index / rows)] ?? Number.NaN);
}

const matMul: Operator = (call) => {
  const value = computed(call);
  const { dims, values } = constant(call, 1);
  const [first = 0, second = 0] = dims;
  const isTurned = flag(call.node, 'transpose_b');
  const [inner, out] = isTurned ? [second, first] : [first, second];
  if (
    flag(call.node, 'transpose_a') ||
    dims.length !== 2 ||
    value.shape.length !== 1 ||
    value.shape[0] !== inner
  )
    fail(call, 'multiplies otherwise than a vector by a matrix');
  const { scale, shift: bias, activation } = fusedInto(call, out);
  if (scale !== null) fail(call, 'has a batch norm fused into it');
  const kernel = { shape: [inner, out], values: isTurned ? transposed(values, out, inner) : values };
  return call.add({ op: 'dense', kernel, bias, activation, shape: [out] }, [value]);
};

const biasAdd: Operator = (call) => {
  const value = computed(call);
  const shift = perChannel(constant(call, 1), value.shape.at(-1) ?? 0) ?? fail(call, 'adds more than a bias');
  const scale = new Float32Array(shift.length).fill(1);
  return call.add({ op: 'scaleShift', scale, shift, shape: value.shape }, [value]);
};

export const linearOperators: Readonly<Record<string, Operator>> = {
  MatMul: matMul,
  _FusedMatMul: matMul,
  BiasAdd: biasAdd,
};
