import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FoveaError } from '../../../platform/errors.js';
import { replaceFile } from '../../../platform/replace-file.js';
import type { ModelVersion } from '../../repository/model-version.js';
import { CALIBRATION_FILE, type Calibration, calibrationSchema, weightsDigest } from '../calibration.js';

/** The calibration in `directory`, else the one in the version's folder, else null. `directory` comes first, because its files
 * were measured on purpose and may lack less than a published one.
 * @throws FoveaError `model_invalid` when the file is not a calibration */
export async function readCalibration(
  version: ModelVersion,
  directory: string | undefined,
): Promise<Calibration | null> {
  const places = [join(version.directory, CALIBRATION_FILE)];
  if (directory !== undefined) places.unshift(placeIn(directory, version));
  for (const place of places) {
    const text = await readFile(place, 'utf8').catch(() => null);
    if (text !== null) return parse(text);
  }
  return null;
}

/** Writes the calibration of a version whose folder must not change. The file is replaced atomically.
 * @returns the path of the file */
export async function writeCalibration(
  version: ModelVersion,
  directory: string,
  calibration: Calibration,
): Promise<string> {
  const place = placeIn(directory, version);
  await replaceFile(place, calibrationText(calibration));
  return place;
}

/** The text of the calibration file. */
export function calibrationText(calibration: Calibration): string {
  return `${JSON.stringify(calibration)}\n`;
}

function placeIn(directory: string, { manifest }: ModelVersion): string {
  return join(directory, `${weightsDigest(manifest)}.json`);
}

function parse(text: string): Calibration {
  try {
    return calibrationSchema.parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : 'it is not JSON';
    throw new FoveaError('model_invalid', `The calibration is damaged: ${reason}.`, { cause: error });
  }
}
