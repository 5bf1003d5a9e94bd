import { openAddon } from '../../../native/index.js';
import type { ImageStatistics } from '../../insight/drift/input-statistics.js';
import type { ImageSize } from '../../models/repository/image-input.js';

/** Luma is computed in whole numbers, up to this many. */
const WHITE = 255_000;

function saturationOf(red: number, green: number, blue: number): number {
  const largest = Math.max(red, green, blue);
  const smallest = Math.min(red, green, blue);
  return largest === 0 ? 0 : (largest - smallest) / largest;
}

/**
 * Statistics of one image.
 *
 * - brightness: mean luma, by ITU-R BT.601
 * - contrast: standard deviation of luma, times 2, because its maximum is 0.5
 * - saturation: mean of (max − min) / max over the colour channels, as in HSV; 0 for grey
 * - sharpness: mean absolute difference of luma to the right and lower neighbour
 * @param pixels uint8 `[height, width, channels]`, 0..255; only read.
 */
export function imageStatistics(pixels: Uint8Array, size: ImageSize): ImageStatistics {
  const opening = openAddon();
  if ('failure' in opening) return statisticsByScript(pixels, size);
  return opening.addon.measurePixels(pixels, size.width, size.height, size.channels);
}

/** `imageStatistics` without the native addon: 0.3 ms for 224 × 224 pixels, not 0.1. */
export function statisticsByScript(
  pixels: Uint8Array,
  { width, height, channels }: ImageSize,
): ImageStatistics {
  const above = new Float64Array(width);
  let sum = 0;
  let sumOfSquares = 0;
  let saturation = 0;
  let differences = 0;
  for (let y = 0, at = 0; y < height; y++) {
    let left = 0;
    for (let x = 0; x < width; x++, at += channels) {
      const red = pixels[at] ?? 0;
      let luma = 1000 * red;
      if (channels === 3) {
        const green = pixels[at + 1] ?? 0;
        const blue = pixels[at + 2] ?? 0;
        luma = 299 * red + 587 * green + 114 * blue;
        saturation += saturationOf(red, green, blue);
      }
      sum += luma;
      sumOfSquares += luma * luma;
      if (x > 0) differences += Math.abs(luma - left);
      if (y > 0) differences += Math.abs(luma - (above[x] ?? 0));
      left = luma;
      above[x] = luma;
    }
  }
  const count = width * height;
  const brightness = sum / count / WHITE;
  const variance = Math.max(0, sumOfSquares / count / WHITE ** 2 - brightness * brightness);
  const pairs = 2 * count - width - height;
  return {
    brightness,
    contrast: 2 * Math.sqrt(variance),
    saturation: saturation / count,
    sharpness: pairs === 0 ? 0 : differences / pairs / WHITE,
  };
}
