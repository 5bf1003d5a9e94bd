import { FoveaError } from '../../../platform/errors.js';
import type { ServedModel } from '../../../serving/rollout/served-model.js';
import { IMAGE, PIXELS, PROBABILITIES } from '../../oip/signature.js';

/** Image files, or pixels. */
export const DEFAULT_SIGNATURE = 'serving_default';
/** Floats: the model's own input, which the client has computed. */
export const FLOAT_SIGNATURE = 'preprocessed';

/** @throws FoveaError `bad_request` for a signature that models do not have */
export function checkSignature(name: string): void {
  if (name === DEFAULT_SIGNATURE || name === FLOAT_SIGNATURE) return;
  throw new FoveaError(
    'bad_request',
    `The model has the signatures ${DEFAULT_SIGNATURE} and ${FLOAT_SIGNATURE}, not ${name.slice(0, 64)}.`,
  );
}

function tensor(name: string, dtype: string, sizes: readonly number[]) {
  const dim = sizes.map((size) => ({ size: String(size), name: '' }));
  return { dtype, name: `${name}:0`, tensor_shape: { dim, unknown_rank: false } };
}

/** The metadata of a model as TensorFlow Serving writes it: `signature_def` twice, sizes and versions as text. */
export function metadataOf({ classifier: { version } }: ServedModel) {
  const { input, labels } = version.manifest;
  const size = [-1, input.height, input.width, input.channels];
  const outputs = { [PROBABILITIES]: tensor(PROBABILITIES, 'DT_FLOAT', [-1, labels.length]) };
  const method_name = 'tensorflow/serving/predict';
  return {
    model_spec: { name: version.model, signature_name: '', version: String(version.version) },
    metadata: {
      signature_def: {
        signature_def: {
          [DEFAULT_SIGNATURE]: {
            inputs: { [IMAGE]: tensor(IMAGE, 'DT_STRING', [-1]), [PIXELS]: tensor(PIXELS, 'DT_UINT8', size) },
            outputs,
            method_name,
            defaults: {},
          },
          [FLOAT_SIGNATURE]: {
            inputs: { [PIXELS]: tensor(PIXELS, 'DT_FLOAT', size) },
            outputs,
            method_name,
            defaults: {},
          },
        },
      },
    },
  };
}
