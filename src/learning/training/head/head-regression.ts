import { availableParallelism } from 'node:os';
import { MatrixProduct } from '../../../models/engines/native/matrix-product.js';
import { releaseMemory } from '../../../platform/spare-memory.js';
import type { Features } from './features.js';
import { type HeadLoss, lossOf } from './head-loss.js';
import type { Objective } from './lbfgs.js';
import type { Targets } from './targets.js';

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

/** A loss of a head on fixed features. Its parameters are the kernel `[outputs, width]`, then the bias. Both products have the
 * features as their constant side, so that the native engine packs these once. */
export class HeadRegression {
  readonly #forward: MatrixProduct;
  readonly #backward: MatrixProduct;
  readonly #loss: HeadLoss;
  readonly #rows: number;
  readonly #width: number;
  readonly #outputs: number;

  constructor({ values, classes, width }: Features, { means, factor }: Scaling, targets: Targets) {
    const rows = classes.length;
    this.#loss = lossOf(classes, targets);
    this.#rows = rows;
    this.#width = width;
    this.#outputs = targets.outputs;
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
    // Each product has a copy of its own.
    releaseMemory();
  }

  /** `[outputs, rows]` */
  #logits(at: Float64Array): Float32Array {
    const kernel = Float32Array.from(at.subarray(0, this.#width * this.#outputs));
    const logits = this.#forward.times(kernel, this.#outputs);
    for (let place = 0; place < logits.length; place++)
      logits[place] = (logits[place] ?? 0) + (at[kernel.length + Math.floor(place / this.#rows)] ?? 0);
    return logits;
  }

  loss(at: Float64Array): number {
    return this.#loss(this.#logits(at));
  }

  objective(l2: number): Objective {
    return (at) => {
      const kernelSize = this.#width * this.#outputs;
      const error = this.#logits(at);
      let value = this.#loss(error);
      const gradient = new Float64Array(at.length);
      for (let place = 0; place < error.length; place++) {
        const bias = kernelSize + Math.floor(place / this.#rows);
        gradient[bias] = (gradient[bias] ?? 0) + (error[place] ?? 0);
      }
      gradient.set(this.#backward.times(error, this.#outputs));
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
