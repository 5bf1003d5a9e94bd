import type { Activation } from '../../../plan/plan.js';
import {
  type Computed,
  computed,
  fail,
  float,
  int,
  type NodeCall,
  type Operator,
  optionalConstant,
  placeOf,
  text,
} from '../graph-builder.js';
import { channelsLast, dimsOf } from '../views.js';

function activated(call: NodeCall, value: Computed, activation: Activation): Computed {
  const { shape, axes } = value;
  const id = call.add({ op: 'activation', activation, shape }, [value.id]);
  const sigmoidOf = activation.kind === 'sigmoid' ? value.id : undefined;
  return { kind: 'computed', id, shape, axes, sigmoidOf };
}

function activation(of: (call: NodeCall) => Activation): Operator {
  return (call) => activated(call, computed(call), of(call));
}

const plain = (kind: Activation['kind']) => activation(() => ({ kind, alpha: 0 }));

/** Limits are attributes in old opsets and inputs in new ones. */
const clip = activation((call) => {
  const limit = (index: number, name: string, fallback: number) =>
    optionalConstant(call, index)?.values[0] ?? float(call.node, name, fallback);
  const [low, high] = [limit(1, 'min', Number.NEGATIVE_INFINITY), limit(2, 'max', Number.POSITIVE_INFINITY)];
  if (low === 0 && high === 6) return { kind: 'relu6', alpha: 0 };
  return low === 0 && high > 3e38 ? { kind: 'relu', alpha: 0 } : fail(call, `limits to ${low}..${high}`);
});

const hardSigmoid = activation((call) => {
  if (float(call.node, 'beta', 0.5) !== 0.5) fail(call, 'has another summand than 0.5');
  return { kind: 'hardSigmoid', alpha: float(call.node, 'alpha', 0.2) };
});

/** Until opset 12 over all dimensions from the axis on. */
const softmax: Operator = (call) => {
  const value = computed(call);
  const dims = dimsOf(value);
  const place = placeOf(call, int(call.node, 'axis', call.opset < 13 ? 1 : -1), dims.length);
  if (call.opset < 13 && dims.slice(place + 1).some((length) => length !== 1))
    fail(call, `has the axis ${place} of ${dims.length}`);
  return activated(call, channelsLast(call, value, place), { kind: 'softmax', alpha: 0 });
};

const elu = activation((call) =>
  float(call.node, 'alpha', 1) === 1 ? { kind: 'elu', alpha: 0 } : fail(call, 'has another factor than 1'),
);

export const activationOperators: Readonly<Record<string, Operator>> = {
  Relu: plain('relu'),
  Sigmoid: plain('sigmoid'),
  Tanh: plain('tanh'),
  HardSwish: plain('hardSwish'),
  LeakyRelu: activation((call) => ({ kind: 'leakyRelu', alpha: float(call.node, 'alpha', 0.01) })),
  Gelu: activation((call) => ({
    kind: text(call.node, 'approximate', 'none') === 'tanh' ? 'geluTanh' : 'gelu',
    alpha: 0,
  })),
  Clip: clip,
  HardSigmoid: hardSigmoid,
  Softmax: softmax,
  Elu: elu,
};
