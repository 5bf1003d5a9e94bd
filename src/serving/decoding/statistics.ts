import type { ImageStatistics } from '../../insight/drift/input-statistics.js';
import type { ImageSize } from '../../models/repository/image-input.js';

/** Luminance of each pixel, 0..1.
 * @source ITU-R BT.601, luma of R'G'B' */
function luminance(pixels: Uint8Array, channels: number): Float32Array {
  const out = new Float32Array(pixels.length / channels);
  for (let index = 0; index < out.length; index++) {
    const red = pixels[index * channels] ?? 0;
    if (channels === 1) out[index] = red / 255;
    else {
      const green = pixels[index * channels + 1] ?? 0;
      const blue = pixels[index * channels + 2] ?? 0;
      out[index] = (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
    }
  }
  return out;
}

function meanSaturation(pixels: Uint8Array): number {
  let sum = 0;
  for (let start = 0; start < pixels.length; start += 3) {
    const red = pixels[start] ?? 0;
    const green = pixels[start + 1] ?? 0;
    const blue = pixels[start + 2] ?? 0;
    const highest = Math.max(red, green, blue);
    if (highest > 0) sum += (highest - Math.min(red, green, blue)) / highest;
  }
  return (3 * sum) / pixels.length;
}

function meanGradient(luma: Float32Array, width: number, height: number): number {
  let sum = 0;
  let pairs = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const here = luma[y * width + x] ?? 0;
      if (x + 1 < width) {
        sum += Math.abs((luma[y * width + x + 1] ?? 0) - here);
        pairs++;
      }
      if (y + 1 < height) {
        sum += Math.abs((luma[(y + 1) * width + x] ?? 0) - here);
        pairs++;
      }
    }
  }
  return pairs === 0 ? 0 : sum / pairs;
}

/**
 * Statistics of one image.
 *
 * - brightness: mean luminance
 * - contrast: standard deviation of luminance, times 2, because its maximum is 0.5
 * - saturation: mean of (max − min) / max over the colour channels, as in HSV; 0 for grey
 * - sharpness: mean absolute difference of luminance to the right and lower neighbour
 * @param pixels uint8 `[height, width, channels]`, 0..255; only read.
 */
export function imageStatistics(pixels: Uint8Array, input: ImageSize): ImageStatistics {
  const luma = luminance(pixels, input.channels);
  let sum = 0;
  let sumOfSquares = 0;
  for (const value of luma) {
    sum += value;
    sumOfSquares += value * value;
  }
  const brightness = sum / luma.length;
  const variance = Math.max(0, sumOfSquares / luma.length - brightness * brightness);
  return {
    brightness,
    contrast: 2 * Math.sqrt(variance),
    saturation: input.channels === 3 ? meanSaturation(pixels) : 0,
    sharpness: meanGradient(luma, input.width, input.height),
  };
}
