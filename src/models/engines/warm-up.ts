import { FoveaError } from '../../platform/errors.js';
import type { Engine } from './engine.js';

interface Batches {
  /** To be run, ascending. */
  readonly sizes: readonly number[];
  readonly rowBytes: number;
  readonly classes: number;
}

/** Runs grey images through an engine, a batch of each size.
 * @throws FoveaError `model_invalid` when what comes out are no probabilities; `engine_failed` */
export function warmUpWith(engine: Engine, { sizes, rowBytes, classes }: Batches): void {
  const largest = sizes.at(-1) ?? 1;
  const pixels = new Uint8Array(largest * rowBytes).fill(128);
  const probabilities = new Float32Array(largest * classes);
  for (const rows of sizes) engine.predict(pixels, rows, probabilities);
  const sum = probabilities.subarray(0, classes).reduce((total, value) => total + value, 0);
  if (Math.abs(sum - 1) > 1e-3)
    throw new FoveaError('model_invalid', 'The model must end in softmax: its outputs do not sum to 1.');
}
