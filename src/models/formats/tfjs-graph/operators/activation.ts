import type { Activation } from '../../../plan/plan.js';
import { float } from '../attributes.js';
import { type Computed, computed, constant, fail, type NodeCall, type Operator } from '../operator.js';

/** The activation of an operator's name; undefined for a name that is none. */
export function activationNamed(op: string, leakyAlpha: number): Activation | undefined {
  switch (op) {
    case 'Relu':
      return { kind: 'relu', alpha: 0 };
    case 'Relu6':
      return { kind: 'relu6', alpha: 0 };
    case 'LeakyRelu':
      return { kind: 'leakyRelu', alpha: leakyAlpha };
    case 'Elu':
      return { kind: 'elu', alpha: 0 };
    case 'Sigmoid':
      return { kind: 'sigmoid', alpha: 0 };
    case 'Tanh':
      return { kind: 'tanh', alpha: 0 };
    case 'Softmax':
      return { kind: 'softmax', alpha: 0 };
    default:
      return undefined;
  }
}

function activated(call: NodeCall, value: Computed, activation: Activation): Computed {
  return call.add({ op: 'activation', activation, shape: value.shape }, [value]);
}

const plain: Operator = (call) => {
  const activation =
    activationNamed(call.node.op, float(call.node, 'alpha', 0.2)) ?? fail(call, 'is unknown');
  const value = computed(call);
  const result = activated(call, value, activation);
  return activation.kind === 'sigmoid' ? { ...result, sigmoidOf: value.id } : result;
};

const clip: Operator = (call) => {
  const [low = 0, high = 0] = [1, 2].map((index) => constant(call, index).values[0]);
  if (low === 0 && high === 6) return activated(call, computed(call), { kind: 'relu6', alpha: 0 });
  return fail(call, `limits to ${low}..${high}`);
};

export const activationOperators: Readonly<Record<string, Operator>> = {
  Relu: plain,
  Relu6: plain,
  LeakyRelu: plain,
  Elu: plain,
  Sigmoid: plain,
  Tanh: plain,
  Softmax: plain,
  ClipByValue: clip,
};
