import tf = require('@tensorflow/tfjs-node-gpu');

import t from 'tap';
import {
  batchNormInTraining,
  dropout,
  relu,
  softmaxCrossEntropy,
} from '../../../../src/learning/training/kernels.js';

const EPSILON = 1e-3;

/** Largest difference of two functions' gradients by their inputs. */
function gradientGap(
  ours: (...inputs: tf.Tensor[]) => tf.Tensor,
  composed: (...inputs: tf.Tensor[]) => tf.Tensor,
  inputs: tf.Tensor[],
): number {
  return tf.tidy(() => {
    const weigh = (f: typeof ours) => {
      return (...values: tf.Tensor[]): tf.Tensor => {
        const y = f(...values);
        // A weight for each output: else batch norm's gradients cancel out.
        return tf.sum(tf.mul(y, tf.reshape(tf.linspace(-1, 1, y.size), y.shape)));
      };
    };
    const [a, b] = [tf.grads(weigh(ours))(inputs), tf.grads(weigh(composed))(inputs)];
    return Math.max(
      ...a.map((x, index) => tf.max(tf.abs(tf.sub(x, b[index] ?? 0))).dataSync()[0] ?? Number.NaN),
    );
  });
}

t.test("batch norm's value, moments and gradients are those of its definition", async (t) => {
  const x = tf.randomNormal([4, 3, 3, 5], 1, 2, 'float32', 1);
  const [gamma, beta] = [tf.linspace(0.5, 1.5, 5), tf.linspace(-1, 1, 5)];
  const composed = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, EPSILON))), gamma), beta);
  };
  let means: number[] = [];
  const onMoments = (mean: tf.Tensor): void => {
    means = [...mean.dataSync()];
  };
  const ours = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) =>
    batchNormInTraining(x, gamma, beta, { epsilon: EPSILON, onMoments });
  const gap = tf.max(tf.abs(tf.sub(ours(x, gamma, beta), composed(x, gamma, beta)))).dataSync()[0];
  t.ok((gap ?? 1) < 1e-5, `values differ by ${gap}`);
  const wanted = [...tf.mean(x, [0, 1, 2]).dataSync()];
  t.ok(means.every((mean, index) => Math.abs(mean - (wanted[index] ?? 0)) < 1e-5));
  t.ok(gradientGap(ours, composed, [x, gamma, beta]) < 1e-4);
});

t.test("ReLU's gradient is tfjs' own", async (t) => {
  t.ok(gradientGap(relu, (x) => tf.relu(x), [tf.linspace(-1, 1, 20)]) < 1e-6);
});

t.test("softmax cross entropy and its gradient are tfjs' own", async (t) => {
  const logits = tf.randomNormal([6, 4], 0, 2, 'float32', 3);
  const targets = tf.softmax(tf.randomNormal([6, 4], 0, 1, 'float32', 4));
  const ours = (x: tf.Tensor): tf.Tensor => softmaxCrossEntropy(x, targets);
  const composed = (x: tf.Tensor): tf.Tensor => tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(x)), 1)));
  t.ok(Math.abs((ours(logits).dataSync()[0] ?? 0) - (composed(logits).dataSync()[0] ?? 1)) < 1e-5);
  t.ok(gradientGap(ours, composed, [logits]) < 1e-5);
});

t.test('dropout zeroes the asked share, keeps the sum, and repeats itself with its seed', async (t) => {
  const x = tf.ones([100, 100]);
  const y = dropout(x, 0.25, [1, 2]);
  const kept = tf.mean(tf.cast(tf.greater(y, 0), 'float32')).dataSync()[0] ?? 0;
  t.ok(Math.abs(kept - 0.75) < 0.02, `${kept} kept`);
  t.ok(Math.abs((tf.mean(y).dataSync()[0] ?? 0) - 1) < 0.03);
  t.same(y.dataSync(), dropout(x, 0.25, [1, 2]).dataSync());
  t.notSame(y.dataSync(), dropout(x, 0.25, [1, 3]).dataSync());
});
