import { areFinite } from '../../platform/are-finite.js';
import { FoveaError } from '../../platform/errors.js';
import type { Engine } from './engine.js';

interface Batches {
  /** Ascending. */
  readonly sizes: readonly number[];
  readonly rowBytes: number;
  readonly classes: number;
}

/** How far the sum of a softmax row may be from 1: int8 and bfloat16 compute softmax in float32. */
const SUM_TOLERANCE = 1e-3;

/** Fills images by turns with grey, noise, black and white, because noise reaches larger values between layers than grey. */
function fillImages(input: Uint8Array, rowBytes: number): void {
  for (let index = 0; index < input.length; index++) {
    const pattern = Math.floor(index / rowBytes) % 4;
    input[index] = pattern === 1 ? Math.imul(index, 2_654_435_761) >>> 24 : ([128, 0, 0, 255][pattern] ?? 0);
  }
}

/** Runs a batch of each size and checks every row of the largest batch.
 * @throws FoveaError `model_invalid` when an output is not finite, or the rows of `probabilities` do not sum to 1;
 *   `engine_failed` */
export function warmUpWith(engine: Engine, { sizes, rowBytes, classes }: Batches): void {
  const largest = sizes.at(-1) ?? 1;
  const input = new Uint8Array(largest * rowBytes);
  fillImages(input, rowBytes);
  const outputs = new Float32Array(largest * classes);
  for (const rows of sizes) engine.run(input, rows, outputs);
  if (!areFinite(outputs))
    throw new FoveaError('model_invalid', 'The model computes numbers that are not finite.');
  if (engine.outputKind === 'scores' && !outputs.every((score) => score >= 0 && score <= 1))
    throw new FoveaError('model_invalid', 'The model must end in sigmoid: its outputs leave 0..1.');
  if (engine.outputKind !== 'probabilities') return;
  for (let row = 0; row < largest; row++) {
    const sum = outputs.subarray(row * classes, (row + 1) * classes).reduce((a, b) => a + b, 0);
    // Also true for NaN.
    if (!(Math.abs(sum - 1) <= SUM_TOLERANCE))
      throw new FoveaError(
        'model_invalid',
        'The model must end in softmax, or output.activation say what is missing: its outputs do not sum to 1.',
      );
  }
}
