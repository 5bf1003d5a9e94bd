import type { Activation } from '../../../plan/plan.js';
import {
  computed,
  fail,
  float,
  int,
  type NodeCall,
  type Operator,
  optionalConstant,
  text,
} from '../graph-builder.js';

function activation(of: (call: NodeCall) => Activation): Operator {
  return (call) => {
    const value = computed(call);
    const kept = of(call);
    const id = call.add({ op: 'activation', activation: kept, shape: value.shape }, [value.id]);
    const { shape, order, flattenedFrom } = value;
    return {
      kind: 'computed',
      id,
      shape,
      order,
      flattenedFrom,
      sigmoidOf: kept.kind === 'sigmoid' ? value.id : undefined,
    };
  };
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

const softmax = activation((call) => {
  const { order } = computed(call);
  const axis = int(call.node, 'axis', call.opset < 13 ? 1 : -1);
  const channels = { vector: [1, -1], nchw: [1, -3], nhwc: [3, -1] }[order];
  return channels.includes(axis) ? { kind: 'softmax', alpha: 0 } : fail(call, `has the axis ${axis}`);
});

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
