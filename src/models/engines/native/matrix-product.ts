import { randomUUID } from 'node:crypto';
import type { NativeInstance } from '../../../../native/index.js';
import { INPUT_VALUE, LINEAR, type TrainingPlan, type Weights } from '../../plan/plan.js';
import { stretchedInput } from '../../repository/image-input.js';
import { openNative } from './load.js';
import { nativePlan } from './native-plan.js';

/** Rows that are multiplied together. */
const PORTION_ROWS = 16;

function planOf(matrix: Weights): TrainingPlan {
  const [inner = 0, columns = 0] = matrix.shape;
  return {
    inputShape: [1, 1, inner],
    steps: [
      { op: 'reshape', layer: 'rows', inputs: [INPUT_VALUE], output: 1, shape: [inner] },
      {
        op: 'dense',
        layer: 'product',
        inputs: [1],
        output: 2,
        shape: [columns],
        kernel: matrix,
        bias: new Float32Array(columns),
        activation: LINEAR,
      },
    ],
    output: 2,
    classes: columns,
  };
}

/** Multiplies matrices with a constant matrix on the native engine. */
export class MatrixProduct {
  readonly #instance: NativeInstance;
  readonly #columns: number;

  /** @param matrix `[inner, columns]`; copied
   * @throws FoveaError `engine_unavailable` */
  constructor(matrix: Weights, threads: number) {
    const { addon, plan } = openNative({ plan: planOf(matrix) });
    const [inner = 0, columns = 0] = matrix.shape;
    const input = stretchedInput({ height: 1, width: 1, channels: 1 });
    const parts = nativePlan({ plan, input, precision: 'float32' });
    this.#columns = columns;
    this.#instance = new addon.NativeInstance(
      `product ${inner} ${randomUUID()}`,
      parts,
      PORTION_ROWS,
      threads,
      threads,
    );
  }

  /** @param left float32 `[rows, inner]`
   * @returns float32 `[rows, columns]` */
  times(left: Float32Array, rows: number): Float32Array {
    const product = new Float32Array(rows * this.#columns);
    this.#instance.predict(left, rows, product);
    return product;
  }

  dispose(): void {
    this.#instance.dispose();
  }
}
