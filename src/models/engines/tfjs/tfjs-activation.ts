import type { Tensor } from '@tensorflow/tfjs';
import type { Activation, ActivationKind } from '../../plan/plan.js';

type Tfjs = typeof import('@tensorflow/tfjs');

type FusedName = 'linear' | 'relu' | 'relu6' | 'leakyrelu' | 'elu' | 'sigmoid';

/** The activations that the fused kernels of all backends have. The others run after the kernel. */
const FUSED: ReadonlyMap<ActivationKind, FusedName> = new Map([
  ['linear', 'linear'],
  ['relu', 'relu'],
  ['relu6', 'relu6'],
  ['leakyRelu', 'leakyrelu'],
  ['elu', 'elu'],
  ['sigmoid', 'sigmoid'],
]);

/** Splits an activation into the part of the fused kernel and the part that runs after it. */
export function splitActivation(activation: Activation): { fused: FusedName; rest: Activation | null } {
  const fused = FUSED.get(activation.kind);
  return fused === undefined ? { fused: 'linear', rest: activation } : { fused, rest: null };
}

/** @returns a new tensor; `x` is not disposed */
export function activate(tf: Tfjs, activation: Activation, x: Tensor): Tensor {
  switch (activation.kind) {
    case 'linear':
      return x.clone();
    case 'relu':
      return tf.relu(x);
    case 'relu6':
      return tf.relu6(x);
    case 'leakyRelu':
      return tf.leakyRelu(x, activation.alpha);
    case 'elu':
      return tf.elu(x);
    case 'sigmoid':
      return tf.sigmoid(x);
    case 'hardSigmoid':
      return tf.tidy(() => tf.clipByValue(tf.add(tf.mul(x, activation.alpha || 0.2), 0.5), 0, 1));
    case 'tanh':
      return tf.tanh(x);
    case 'swish':
      return tf.tidy(() => tf.mul(x, tf.sigmoid(x)));
    case 'hardSwish':
      return tf.tidy(() => tf.mul(x, tf.clipByValue(tf.add(tf.mul(x, 1 / 6), 0.5), 0, 1)));
    case 'gelu':
      return tf.tidy(() => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)));
    case 'geluTanh':
      return tf.tidy(() => {
        const inner = tf.mul(tf.add(x, tf.mul(tf.pow(x, 3), 0.044715)), Math.sqrt(2 / Math.PI));
        return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
      });
    case 'softmax':
      return tf.softmax(x);
  }
}
