import { CALIBRATION_FILE } from '../../models/engines/calibration.js';
import { calibrationText } from '../../models/engines/native/calibration.js';
import { calibrate } from '../../models/engines/native/native-calibrator.js';
import { compileModel } from '../../models/formats/tfjs-layers/compile.js';
import { readLayersModel } from '../../models/formats/tfjs-layers/layers-model.js';
import type { ImageInput } from '../../models/repository/image-input.js';
import { FoveaError } from '../../platform/errors.js';

/**
 * Creates the int8 calibration file of a new version.
 * @param files the version's files
 * @param images training images, uint8 `[height, width, channels]` each
 * @returns the file by its name; empty when the native engine is missing or cannot run the model. `fovea calibrate`
 *   creates it later on another machine.
 */
export async function calibrationFile(
  files: Readonly<Record<string, Uint8Array>>,
  input: ImageInput,
  images: Iterable<Uint8Array>,
): Promise<Record<string, Uint8Array>> {
  try {
    const model = await readLayersModel((name) => {
      const bytes = files[name];
      return bytes === undefined ? Promise.reject(new Error(`There is no ${name}.`)) : Promise.resolve(bytes);
    });
    const calibration = calibrate(compileModel(model), input, images);
    return { [CALIBRATION_FILE]: new TextEncoder().encode(calibrationText(calibration)) };
  } catch (error) {
    if (error instanceof FoveaError && error.code === 'engine_unavailable') return {};
    throw error;
  }
}
