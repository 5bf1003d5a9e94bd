import prand, { type RandomGenerator } from 'pure-rand';
import { channelTables, sourceChannels } from '../../models/engines/input-values.js';
import type { ImageInput } from '../../models/repository/image-input.js';

export interface Augmentation {
  /** Shifts the image by up to this many pixels in each direction; the gap is filled by mirroring at the edge. */
  readonly maxShiftPixels: number;
  /** Mirrors half of the images, left to right. */
  readonly flip: boolean;
  /** Side of the square that is blanked at a random position; 0: none. */
  readonly cutoutPixels: number;
}

export const NO_AUGMENTATION: Augmentation = { maxShiftPixels: 0, flip: false, cutoutPixels: 0 };

/**
 * A generator for one purpose of one epoch, so that a resumed training draws the same numbers as an uninterrupted
 * one.
 */
export function randomFor(seed: number, epoch: number): RandomGenerator {
  return prand.xoroshiro128plus(seed * 1_000_003 + epoch);
}

export function integerBetween(low: number, high: number, random: RandomGenerator): number {
  return prand.unsafeUniformIntDistribution(low, high, random);
}

/** Mirrors a coordinate outside `0..size − 1` back inside, repeatedly if needed; the edge pixel is not repeated. */
function reflect(position: number, size: number): number {
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const distance = Math.abs(position) % period;
  return distance < size ? distance : period - distance;
}

/**
 * Writes images as model input, with random shift, mirroring and cutout.
 * @source shift and flip: He et al., "Deep Residual Learning" (2015), §4.2; cutout: DeVries and Taylor (2017)
 */
export class Augmenter {
  readonly #input: ImageInput;
  readonly #augmentation: Augmentation;
  /** Scaled value of each of the 256 pixel values, per channel. A look-up is cheaper than the arithmetic. */
  readonly #scaled: Float32Array;
  /** For each value of an output row, the start of its channel's table in `#scaled`. */
  readonly #tables: Uint32Array;
  readonly #sources: readonly number[];
  /** For each value of an output row, its position in the input row. */
  readonly #places: Uint32Array;

  constructor(input: ImageInput, augmentation: Augmentation) {
    this.#input = input;
    this.#augmentation = augmentation;
    this.#scaled = channelTables(input);
    this.#sources = sourceChannels(input);
    const rowValues = input.width * input.channels;
    this.#tables = Uint32Array.from({ length: rowValues }, (_, x) => 256 * (x % input.channels));
    this.#places = new Uint32Array(rowValues);
  }

  /**
   * @param pixels uint8 `[height, width, channels]`
   * @param out float32, same shape, in the model's channel order: `pixel * scale + offset`; written whole
   */
  write(pixels: Uint8Array, random: RandomGenerator, out: Float32Array): void {
    const { height, width, channels } = this.#input;
    const { maxShiftPixels, flip, cutoutPixels } = this.#augmentation;
    const shiftY = integerBetween(-maxShiftPixels, maxShiftPixels, random);
    const shiftX = integerBetween(-maxShiftPixels, maxShiftPixels, random);
    this.#findPlaces(shiftX, flip && integerBetween(0, 1, random) === 1);
    const rowValues = width * channels;
    const places = this.#places;
    const tables = this.#tables;
    const scaled = this.#scaled;
    for (let y = 0; y < height; y++) {
      const from = reflect(y + shiftY, height) * rowValues;
      const to = y * rowValues;
      for (let x = 0; x < rowValues; x++) {
        const pixel = pixels[from + (places[x] ?? 0)] ?? 0;
        out[to + x] = scaled[(tables[x] ?? 0) + pixel] ?? 0;
      }
    }
    if (cutoutPixels > 0) this.#cutOut(cutoutPixels, random, out);
  }

  #findPlaces(shiftX: number, isMirrored: boolean): void {
    const { width, channels } = this.#input;
    for (let x = 0; x < width; x++) {
      const from = reflect((isMirrored ? width - 1 - x : x) + shiftX, width) * channels;
      for (let channel = 0; channel < channels; channel++)
        this.#places[x * channels + channel] = from + (this.#sources[channel] ?? 0);
    }
  }

  /** Sets a square around a random centre to middle grey. */
  #cutOut(side: number, random: RandomGenerator, out: Float32Array): void {
    const { height, width, channels, scale, offset } = this.#input;
    const grey = scale.map((factor, channel) => 127.5 * factor + (offset[channel] ?? 0));
    const top = integerBetween(0, height - 1, random) - (side >> 1);
    const left = integerBetween(0, width - 1, random) - (side >> 1);
    const firstColumn = Math.max(0, left);
    const endColumn = Math.min(width, left + side);
    for (let y = Math.max(0, top); y < Math.min(height, top + side); y++) {
      const row = y * width;
      for (let at = (row + firstColumn) * channels; at < (row + endColumn) * channels; at++)
        out[at] = grey[at % channels] ?? 0;
    }
  }
}
