import { availableParallelism } from 'node:os';
import { MatrixProduct } from '../../../models/engines/native/matrix-product.js';
import type { Features } from './features.js';
import type { Objective } from './lbfgs.js';

/** Maps features to mean 0 each, and mean square 1 together: then few iterations suffice. */
export interface Scaling {
  readonly means: Float32Array;
  readonly factor: number;
}

export function scalingOf({ values, width }: Features): Scaling {
  const rows = values.length / width;
  const means = new Float32Array(width);
  for (let at = 0; at < values.length; at++)
    means[at % width] = (means[at % width] ?? 0) + (values[at] ?? 0) / rows;
  let square = 0;
  for (let at = 0; at < values.length; at++) square += ((values[at] ?? 0) - (means[at % width] ?? 0)) ** 2;
  return { means, factor: 1 / (Math.sqrt(square / values.length) || 1) };
}

/** Weights under which every class counts the same; they sum to 1. */
function balanced(classes: readonly number[]): Float32Array {
  const counts = new Map<number, number>();
  for (const index of classes) counts.set(index, (counts.get(index) ?? 0) + 1);
  return Float32Array.from(classes, (index) => 1 / (counts.size * (counts.get(index) ?? 1)));
}

/** Turns a column of logits into probabilities, in place.
 * @returns the logarithm of the probability of `truth` */
function softmaxColumn(logits: Float32Array, column: number, columns: number, truth: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let at = column; at < logits.length; at += columns) largest = Math.max(largest, logits[at] ?? 0);
  const ofTruth = (logits[truth * columns + column] ?? 0) - largest;
  let sum = 0;
  for (let at = column; at < logits.length; at += columns) {
    const power = Math.exp((logits[at] ?? 0) - largest);
    logits[at] = power;
    sum += power;
  }
  for (let at = column; at < logits.length; at += columns) logits[at] = (logits[at] ?? 0) / sum;
  return ofTruth - Math.log(sum);
}

/** The cross-entropy of a softmax on fixed features. Its parameters are the kernel `[classes, width]`, then the bias. Both
 * products have the features as their constant side, so that the native engine packs these once. */
export class SoftmaxRegression {
  readonly #forward: MatrixProduct;
  readonly #backward: MatrixProduct;
  readonly #truth: readonly number[];
  readonly #weights: Float32Array;
  readonly #width: number;
  readonly #classes: number;

  constructor({ values, classes, width }: Features, { means, factor }: Scaling, classCount: number) {
    const rows = classes.length;
    this.#truth = classes;
    this.#width = width;
    this.#classes = classCount;
    this.#weights = balanced(classes);
    const scaled = new Float32Array(values.length);
    const turned = new Float32Array(values.length);
    for (let row = 0; row < rows; row++) {
      for (let feature = 0; feature < width; feature++) {
        const value = ((values[row * width + feature] ?? 0) - (means[feature] ?? 0)) * factor;
        scaled[row * width + feature] = value;
        turned[feature * rows + row] = value;
      }
    }
    const threads = availableParallelism();
    this.#forward = new MatrixProduct({ shape: [width, rows], values: turned }, threads);
    this.#backward = new MatrixProduct({ shape: [rows, width], values: scaled }, threads);
  }

  /** `[classes, rows]` */
  #logits(at: Float64Array): Float32Array {
    const kernel = Float32Array.from(at.subarray(0, this.#width * this.#classes));
    const logits = this.#forward.times(kernel, this.#classes);
    const rows = this.#truth.length;
    for (let place = 0; place < logits.length; place++)
      logits[place] = (logits[place] ?? 0) + (at[kernel.length + Math.floor(place / rows)] ?? 0);
    return logits;
  }

  /** Turns logits into probabilities, in place. */
  #lossOf(logits: Float32Array): number {
    const rows = this.#truth.length;
    let loss = 0;
    for (const [row, truth] of this.#truth.entries())
      loss -= (this.#weights[row] ?? 0) * softmaxColumn(logits, row, rows, truth);
    return loss;
  }

  loss(at: Float64Array): number {
    return this.#lossOf(this.#logits(at));
  }

  objective(l2: number): Objective {
    return (at) => {
      const rows = this.#truth.length;
      const kernelSize = this.#width * this.#classes;
      const error = this.#logits(at);
      let value = this.#lossOf(error);
      for (const [row, truth] of this.#truth.entries())
        error[truth * rows + row] = (error[truth * rows + row] ?? 0) - 1;
      const gradient = new Float64Array(at.length);
      for (let place = 0; place < error.length; place++) {
        const weighted = (error[place] ?? 0) * (this.#weights[place % rows] ?? 0);
        error[place] = weighted;
        const bias = kernelSize + Math.floor(place / rows);
        gradient[bias] = (gradient[bias] ?? 0) + weighted;
      }
      gradient.set(this.#backward.times(error, this.#classes));
      for (let place = 0; place < kernelSize; place++) {
        const weight = at[place] ?? 0;
        gradient[place] = (gradient[place] ?? 0) + l2 * weight;
        value += (l2 / 2) * weight * weight;
      }
      return { value, gradient };
    };
  }

  dispose(): void {
    this.#forward.dispose();
    this.#backward.dispose();
  }
}
