import type { Engine } from '../../src/models/engines/engine.js';
import type { ImageInput } from '../../src/models/repository/image-input.js';
import { decodePlain } from '../../src/serving/decoding/plain-decoder.js';
import { decodeWithSharp } from '../../src/serving/decoding/sharp-decoder.js';

const LIMITS = { maxInputPixels: 1_000_000, timeoutSeconds: 60 };

export interface Truth {
  readonly bytes: Uint8Array;
  /** Index of its class. */
  readonly label: number;
}

/** Comparison of two decoders on the same files; counts are images. */
export interface Agreement {
  images: number;
  /** Images that the fast decoder accepts; only these are compared. */
  plain: number;
  /** Largest difference of any channel of any pixel, 0..255. */
  largestDifference: number;
  identical: number;
  sameClass: number;
  rightWithPlain: number;
  rightWithSharp: number;
}

/**
 * Decodes each file with the fast decoder and with sharp, and runs the model on both.
 * @param engine accepts at least one row
 */
export async function compareDecoders(
  images: AsyncIterable<Truth> | Iterable<Truth>,
  { engine, input, classes }: { engine: Engine; input: ImageInput; classes: number },
): Promise<Agreement> {
  const classOf = (pixels: Uint8Array): number => {
    const probabilities = new Float32Array(classes);
    engine.run(pixels, 1, probabilities);
    return probabilities.indexOf(Math.max(...probabilities));
  };
  const result: Agreement = {
    images: 0,
    plain: 0,
    largestDifference: 0,
    identical: 0,
    sameClass: 0,
    rightWithPlain: 0,
    rightWithSharp: 0,
  };
  for await (const { bytes, label } of images) {
    result.images++;
    const plain = decodePlain(bytes, input)?.pixels;
    if (plain === undefined) continue;
    const bySharp = await decodeWithSharp({ bytes }, input, LIMITS);
    const difference = largestDifference(plain, bySharp);
    const [plainClass, sharpClass] = [classOf(plain), classOf(bySharp)];
    result.plain++;
    result.largestDifference = Math.max(result.largestDifference, difference);
    if (difference === 0) result.identical++;
    if (plainClass === sharpClass) result.sameClass++;
    if (plainClass === label) result.rightWithPlain++;
    if (sharpClass === label) result.rightWithSharp++;
  }
  return result;
}

function largestDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((largest, value, at) => Math.max(largest, Math.abs(value - (b[at] ?? 0))), 0);
}
