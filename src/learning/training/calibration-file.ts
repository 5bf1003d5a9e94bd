import { CALIBRATION_FILE, type Calibration } from '../../models/engines/calibration.js';
import { int8Accuracy, type LabelledRow } from '../../models/engines/native/accuracy-calibrator.js';
import { type AnswerScore, scoreOfClass, scoreOfLabels } from '../../models/engines/native/answer-score.js';
import { calibrationText } from '../../models/engines/native/calibration.js';
import { calibrate } from '../../models/engines/native/native-calibrator.js';
import type { Compiled } from '../../models/formats/format.js';
import { readTfjsModel } from '../../models/formats/tfjs-files/tfjs-model.js';
import { compileModel } from '../../models/formats/tfjs-layers/compile.js';
import type { ImageInput } from '../../models/repository/image-input.js';
import type { ModelOutput } from '../../models/repository/model-output.js';
import { FoveaError } from '../../platform/errors.js';
import type { Images } from '../datasets/labelled-images.js';
import { sampleEvenly } from '../datasets/sample-evenly.js';

/** Images to measure ranges on. The range of activations hardly grows with more images. */
const RANGE_IMAGES = 1024;

/** Images to measure the accuracy on. With 10,000, a loss of 0.1 percentage points is ten images. */
const ACCURACY_IMAGES = 10_000;

export interface CalibrationSource {
  readonly input: ImageInput;
  readonly output: ModelOutput;
  readonly images: Images;
  /** By `images.classOf`; undefined where an image has one class. */
  readonly labelSets: readonly ReadonlySet<number>[] | undefined;
  /** Indices of images that the model was trained on. */
  readonly train: Uint32Array;
  /** Indices of images that it was not trained on. */
  readonly validation: Uint32Array;
}

/** Measures the ranges on training images, and what int8 costs on validation images where this processor can.
 * @throws FoveaError `engine_unavailable`, `model_invalid` */
export function calibrationOf(
  compiled: Compiled,
  { input, output, images, labelSets, train, validation }: CalibrationSource,
  rangeImages = RANGE_IMAGES,
): Calibration {
  const pixels = sampleEvenly((place) => images.row(train[place] ?? 0), train.length, rangeImages);
  const calibration = calibrate(compiled, input, pixels);
  const scoreOf = (number: number): AnswerScore =>
    labelSets === undefined ? scoreOfClass(number) : scoreOfLabels(labelSets[number] ?? new Set(), output);
  const labelled = (place: number): LabelledRow => {
    const index = validation[place] ?? 0;
    return { pixels: images.row(index), scoreOf: scoreOf(images.classOf(index)) };
  };
  const rows = sampleEvenly(labelled, validation.length, ACCURACY_IMAGES);
  const accuracy = int8Accuracy(compiled, { input, dropFirst: output.drop_first }, calibration, rows);
  return accuracy === undefined ? calibration : { ...calibration, accuracy };
}

/**
 * Creates the int8 calibration file of a new version.
 * @param files the version's files
 * @returns the file by its name; empty for an ONNX file, and when the native engine is missing or cannot run the model. `fovea calibrate`
 *   creates it later on another machine.
 */
export async function calibrationFile(
  files: Readonly<Record<string, Uint8Array>>,
  source: CalibrationSource,
): Promise<Record<string, Uint8Array>> {
  if (!('model.json' in files)) return {};
  try {
    const model = await readTfjsModel((name) => {
      const bytes = files[name];
      return bytes === undefined ? Promise.reject(new Error(`There is no ${name}.`)) : Promise.resolve(bytes);
    });
    const calibration = calibrationOf(compileModel(model), source);
    return { [CALIBRATION_FILE]: new TextEncoder().encode(calibrationText(calibration)) };
  } catch (error) {
    if (error instanceof FoveaError && error.code === 'engine_unavailable') return {};
    throw error;
  }
}
