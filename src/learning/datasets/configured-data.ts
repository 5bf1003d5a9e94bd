import { FoveaError } from '../../platform/errors.js';
import type { DataName } from './data-name.js';

/** FOVEA_TRAINING_DATA and its model. */
export interface ConfiguredData {
  /** Folder, archive, or `cifar10`. */
  readonly data: string;
  /** The model that the data is for: data of one model must not train another one. */
  readonly dataModel: () => string;
}

/** The data of a request that names none. */
export function defaultDataOf(model: string, { dataModel }: ConfiguredData): DataName {
  return model === dataModel() ? 'configured' : 'catalogue';
}

/** @throws FoveaError `dataset_invalid` when the configured data is for another model */
export function requireOwnData(model: string, name: DataName, { dataModel }: ConfiguredData): void {
  if (name !== 'configured' || model === dataModel()) return;
  throw new FoveaError(
    'dataset_invalid',
    `FOVEA_TRAINING_DATA is for the model ${dataModel()}, not ${model}. Use "data": "catalogue", or set FOVEA_TRAINING_DATA_MODEL.`,
    { details: { model, data_model: dataModel() } },
  );
}
