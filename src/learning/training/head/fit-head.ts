import tf = require('@tensorflow/tfjs-node-gpu');

import { minimise, type Objective } from './lbfgs.js';

/** Features of labelled images. */
export interface Features {
  /** float32 `[rows, width]` */
  readonly values: Float32Array;
  /** Class of each row. */
  readonly classes: readonly number[];
  /** Features of an image. */
  readonly width: number;
}

/** A dense layer before a softmax. */
export interface Head {
  /** float32 `[width, classes]` */
  readonly kernel: Float32Array;
  /** float32 `[classes]` */
  readonly bias: Float32Array;
  /** Weight of the L2 penalty, for features scaled to mean square 1. */
  readonly l2: number;
}

/** Tried from the strongest to the weakest, each from the result of the one before. */
const PENALTIES = [1, 0.1, 0.01, 0.001, 0.0001];
const MAX_ITERATIONS = 200;
const TOLERANCE = 2e-5;

/** Maps features to mean 0 each, and mean square 1 together: then few iterations suffice. */
interface Scaling {
  readonly means: Float32Array;
  readonly factor: number;
}

function scalingOf({ values, width }: Features): Scaling {
  const rows = values.length / width;
  const means = new Float32Array(width);
  for (const [index, value] of values.entries())
    means[index % width] = (means[index % width] ?? 0) + value / rows;
  let square = 0;
  for (const [index, value] of values.entries()) square += (value - (means[index % width] ?? 0)) ** 2;
  return { means, factor: 1 / (Math.sqrt(square / values.length) || 1) };
}

/** The head for features as they are, of one for scaled features. */
function unscaled(at: Float64Array, { means, factor }: Scaling): Pick<Head, 'kernel' | 'bias'> {
  const size = at.length - at.length / (means.length + 1);
  const kernel = Float32Array.from(at.subarray(0, size), (value) => value * factor);
  const bias = Float32Array.from(at.subarray(size));
  for (const [index, weight] of kernel.entries()) {
    const output = index % bias.length;
    bias[output] = (bias[output] ?? 0) - weight * (means[Math.floor(index / bias.length)] ?? 0);
  }
  return { kernel, bias };
}

/** Weights under which every class counts the same; they sum to 1. */
function balanced(classes: readonly number[]): Float32Array {
  const counts = new Map<number, number>();
  for (const index of classes) counts.set(index, (counts.get(index) ?? 0) + 1);
  return Float32Array.from(classes, (index) => 1 / (counts.size * (counts.get(index) ?? 1)));
}

/** The cross-entropy of a softmax, on fixed features. */
class SoftmaxRegression {
  readonly #x: tf.Tensor2D;
  readonly #targets: tf.Tensor;
  /** `[rows, 1]` */
  readonly #weights: tf.Tensor2D;
  readonly #width: number;
  readonly #classes: number;

  constructor({ values, classes, width }: Features, { means, factor }: Scaling, classCount: number) {
    this.#width = width;
    this.#classes = classCount;
    this.#x = tf.tidy(() =>
      tf.mul(tf.sub(tf.tensor2d(values, [classes.length, width]), tf.tensor1d(means)), factor),
    );
    this.#targets = tf.tidy(() => tf.oneHot(tf.tensor1d([...classes], 'int32'), classCount).toFloat());
    this.#weights = tf.tensor2d(balanced(classes), [classes.length, 1]);
  }

  #logits(at: Float64Array): { logits: tf.Tensor2D; kernel: tf.Tensor2D } {
    const numbers = Float32Array.from(at);
    const kernel = tf.tensor2d(numbers.subarray(0, this.#width * this.#classes), [
      this.#width,
      this.#classes,
    ]);
    const bias = tf.tensor1d(numbers.subarray(this.#width * this.#classes));
    return { logits: tf.add(tf.matMul(this.#x, kernel), bias), kernel };
  }

  #loss(logits: tf.Tensor2D): tf.Tensor {
    return tf.neg(tf.sum(tf.mul(this.#weights, tf.mul(this.#targets, tf.logSoftmax(logits)))));
  }

  loss(at: Float64Array): number {
    return tf.tidy(() => this.#loss(this.#logits(at).logits).dataSync<'float32'>()[0] ?? 0);
  }

  objective(l2: number): Objective {
    return (at) => {
      const numbers = tf.tidy(() => {
        const { logits, kernel } = this.#logits(at);
        const error = tf.mul(this.#weights, tf.sub(tf.softmax(logits), this.#targets));
        const ofKernel = tf.add(tf.matMul(this.#x, error, true), tf.mul(kernel, l2));
        const penalty = tf.mul(tf.sum(tf.square(kernel)), l2 / 2);
        const value = tf.reshape(tf.add(this.#loss(logits), penalty), [1]);
        return tf.concat([value, tf.reshape(ofKernel, [-1]), tf.sum(error, 0)]).dataSync<'float32'>();
      });
      return { value: numbers[0] ?? 0, gradient: Float64Array.from(numbers.subarray(1)) };
    };
  }

  dispose(): void {
    tf.dispose([this.#x, this.#targets, this.#weights]);
  }
}

/** Fits a softmax regression in which every class counts the same. The penalty with the smallest validation loss is chosen.
 * @param validation of the same width */
export function fitHead(train: Features, validation: Features, classCount: number): Head {
  const scaling = scalingOf(train);
  const training = new SoftmaxRegression(train, scaling, classCount);
  const held = new SoftmaxRegression(validation, scaling, classCount);
  let at: Float64Array = new Float64Array((train.width + 1) * classCount);
  let best = { at, loss: Number.POSITIVE_INFINITY, l2: 0 };
  for (const l2 of PENALTIES) {
    at = minimise(training.objective(l2), at, { maxIterations: MAX_ITERATIONS, tolerance: TOLERANCE });
    const loss = held.loss(at);
    // The loss has one minimum along the penalties.
    if (loss >= best.loss) break;
    best = { at, loss, l2 };
  }
  training.dispose();
  held.dispose();
  return { ...unscaled(best.at, scaling), l2: best.l2 };
}

/** Probabilities: float32 `[rows, classes]`. */
export function probabilitiesOf({ values, classes, width }: Features, { kernel, bias }: Head): Float32Array {
  if (classes.length === 0) return new Float32Array(0);
  return tf.tidy(() => {
    const logits = tf.matMul(
      tf.tensor2d(values, [classes.length, width]),
      tf.tensor2d(kernel, [width, bias.length]),
    );
    return tf
      .softmax(tf.add(logits, tf.tensor1d(bias)))
      .dataSync<'float32'>()
      .slice();
  });
}
