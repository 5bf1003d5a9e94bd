import { randomUUID } from 'node:crypto';
import type { Compiled } from '../../formats/format.js';
import type { ImageInput } from '../../repository/image-input.js';
import type { Calibration } from '../calibration.js';
import { openNative } from './load.js';
import { nativePlan } from './native-plan.js';
import { portionRowsOf } from './portion-rows.js';

/**
 * Measures the range of each step's values on real images.
 * @param input the manifest's
 * @param images uint8 `[height, width, channels]` each, of the training split, from all classes; some hundreds suffice
 * @throws FoveaError `engine_unavailable`, `model_invalid`
 */
export function calibrate(compiled: Compiled, input: ImageInput, images: Iterable<Uint8Array>): Calibration {
  const { addon, plan } = openNative(compiled);
  const portionRows = portionRowsOf(plan, 1);
  const rowBytes = input.height * input.width * input.channels;
  const observed = { ...nativePlan({ plan, input, precision: 'float32' }), keepsValues: true };
  const instance = new addon.NativeInstance(`calibration ${randomUUID()}`, observed, portionRows, 1, 1);
  try {
    const ranges = new Float32Array(2 * (plan.steps.length + 1));
    const portion = new Uint8Array(portionRows * rowBytes);
    let seen = 0;
    for (const image of images) {
      portion.set(image, (seen % portionRows) * rowBytes);
      seen++;
      if (seen % portionRows === 0) instance.observe(portion, portionRows, ranges);
    }
    if (seen % portionRows !== 0) instance.observe(portion, seen % portionRows, ranges);
    return { format: 1, images: seen, ranges: pairsOf(ranges) };
  } finally {
    instance.dispose();
  }
}

function pairsOf(ranges: Float32Array): [number, number][] {
  return Array.from({ length: ranges.length / 2 }, (_, index) => [
    ranges[2 * index] ?? 0,
    ranges[2 * index + 1] ?? 0,
  ]);
}
