import prand, { type RandomGenerator } from 'pure-rand';
import type { ImageInput } from '../../models/repository/manifest.js';

export interface Augmentation {
  /** The image is moved by up to this many pixels each way; what comes in mirrors the edge. */
  readonly maxShiftPixels: number;
  /** Mirrors every second image, left to right. */
  readonly flip: boolean;
  /** Side of the square that is blanked at a random place; 0 for none. */
  readonly cutoutPixels: number;
}

export const NO_AUGMENTATION: Augmentation = { maxShiftPixels: 0, flip: false, cutoutPixels: 0 };

/** A generator for one purpose of one epoch, so that a resumed run draws what an uninterrupted one would have. */
export function randomFor(seed: number, epoch: number): RandomGenerator {
  return prand.xoroshiro128plus(seed * 1_000_003 + epoch);
}

export function integerBetween(low: number, high: number, random: RandomGenerator): number {
  return prand.unsafeUniformIntDistribution(low, high, random);
}

/** Mirrors a coordinate that fell outside `0..size − 1` back inside, the edge pixel not repeated. */
function reflect(position: number, size: number): number {
  const distance = Math.abs(position);
  return distance < size ? distance : 2 * size - 2 - distance;
}

/**
 * Writes one image as the model takes it, shifted, mirrored and cut at random.
 * @param pixels uint8 `[height, width, channels]`
 * @param out float32, same shape: `pixel * scale + offset`; written whole.
 * @source shift and flip: He et al., "Deep Residual Learning" (2015), §4.2; cutout: DeVries and Taylor (2017).
 */
export function augmentInto(
  pixels: Uint8Array,
  input: ImageInput,
  augmentation: Augmentation,
  random: RandomGenerator,
  out: Float32Array,
): void {
  const { height, width, channels, scale, offset } = input;
  const { maxShiftPixels, flip, cutoutPixels } = augmentation;
  const shiftY = integerBetween(-maxShiftPixels, maxShiftPixels, random);
  const shiftX = integerBetween(-maxShiftPixels, maxShiftPixels, random);
  const isMirrored = flip && integerBetween(0, 1, random) === 1;
  for (let y = 0; y < height; y++) {
    const fromRow = reflect(y + shiftY, height) * width;
    for (let x = 0; x < width; x++) {
      const fromX = reflect((isMirrored ? width - 1 - x : x) + shiftX, width);
      const from = (fromRow + fromX) * channels;
      const to = (y * width + x) * channels;
      for (let channel = 0; channel < channels; channel++) {
        out[to + channel] = (pixels[from + channel] ?? 0) * scale + offset;
      }
    }
  }
  if (cutoutPixels > 0) cutOut(input, cutoutPixels, random, out);
}

/** Blanks a square whose centre lies anywhere in the image with the middle grey. */
function cutOut(input: ImageInput, side: number, random: RandomGenerator, out: Float32Array): void {
  const { height, width, channels, scale, offset } = input;
  const top = integerBetween(0, height - 1, random) - (side >> 1);
  const left = integerBetween(0, width - 1, random) - (side >> 1);
  const firstColumn = Math.max(0, left);
  const endColumn = Math.min(width, left + side);
  for (let y = Math.max(0, top); y < Math.min(height, top + side); y++) {
    const row = y * width;
    out.fill(127.5 * scale + offset, (row + firstColumn) * channels, (row + endColumn) * channels);
  }
}
