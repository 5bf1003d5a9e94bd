import { FoveaError } from '../../platform/errors.js';
import type { ModelVersion } from '../repository/model-version.js';
import type { ModelFormat, ModelSource } from './format.js';
import { FORMATS } from './formats.js';

/** Opens a version of any format.
 * @param formats the first that recognizes the folder opens it
 * @throws FoveaError `model_invalid` */
export async function openModel(
  version: ModelVersion,
  formats: readonly ModelFormat[] = FORMATS,
): Promise<ModelSource> {
  for (const format of formats) {
    if (await format.recognizes(version.directory)) return format.open(version);
  }
  const wanted = formats.map(({ name, files }) => `${name} (${files})`).join(', ');
  throw new FoveaError('model_invalid', `The version holds no model in a known format: ${wanted}.`);
}
