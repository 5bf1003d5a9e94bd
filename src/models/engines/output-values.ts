import type { ModelOutput } from '../repository/model-output.js';

/** Turns the numbers that a model's file gives into answers: drops what is no label, and applies the activation that is left to
 * do. */
export class OutputValues {
  readonly #drop: number;
  readonly #activation: ModelOutput['activation'];
  readonly #classes: number;

  /** @param classes of the answers: labels */
  constructor({ drop_first: drop, activation }: ModelOutput, classes: number) {
    this.#drop = drop;
    this.#activation = activation;
    this.#classes = classes;
  }

  /** Numbers that the file gives for each row. */
  get width(): number {
    return this.#drop + this.#classes;
  }

  /**
   * @param values `[rows, width]`; only read
   * @param out `[rows or more, classes]` from `firstRow` on; written whole
   */
  write(values: Float32Array, rows: number, out: Float32Array, firstRow = 0): void {
    const classes = this.#classes;
    for (let row = 0; row < rows; row++) {
      const from = row * this.width + this.#drop;
      const target = out.subarray((firstRow + row) * classes, (firstRow + row + 1) * classes);
      target.set(values.subarray(from, from + classes));
      if (this.#activation === 'softmax') softmax(target);
      else if (this.#activation === 'sigmoid') sigmoid(target);
    }
  }
}

/** Less the largest number, because `exp` overflows from 89 on. */
function softmax(row: Float32Array): void {
  const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let sum = 0;
  for (let index = 0; index < row.length; index++) {
    const power = Math.exp((row[index] ?? 0) - largest);
    row[index] = power;
    sum += power;
  }
  for (let index = 0; index < row.length; index++) row[index] = (row[index] ?? 0) / sum;
}

function sigmoid(row: Float32Array): void {
  for (let index = 0; index < row.length; index++) row[index] = 1 / (1 + Math.exp(-(row[index] ?? 0)));
}
