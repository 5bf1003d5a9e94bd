import { FoveaError } from '../../../platform/errors.js';
import type { SavedModelSource } from '../../formats/saved-model/saved-model-source.js';
import type { TfjsProgram } from '../tfjs/tfjs-program.js';

type TfjsNode = typeof import('@tensorflow/tfjs-node-gpu');

/** Loads a SavedModel into a session of TensorFlow's own.
 * @throws FoveaError `model_invalid` */
export async function savedModelProgram(
  tf: TfjsNode,
  { info, output, version }: SavedModelSource,
): Promise<TfjsProgram> {
  const model = await tf.node
    .loadSavedModel(version.directory, [...info.tags], info.signature)
    .catch((cause: unknown) => {
      const [reason = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
      throw new FoveaError(
        'model_invalid',
        `TensorFlow cannot load the SavedModel: ${withoutPaths(reason)}`,
        { cause },
      );
    });
  return {
    run: (images) => {
      const results = model.predict({ [info.input.name]: images });
      if (results instanceof tf.Tensor || Array.isArray(results))
        throw new FoveaError('engine_failed', 'TensorFlow named no outputs of the SavedModel.');
      for (const [name, result] of Object.entries(results)) if (name !== output.name) result.dispose();
      const result = results[output.name];
      if (result === undefined)
        throw new FoveaError('engine_failed', `TensorFlow gave no output ${output.name}.`);
      return result;
    },
    dispose: () => model.dispose(),
  };
}

/** Clients may see the message. */
function withoutPaths(reason: string): string {
  return reason.replaceAll(/[^\s'"]*\//g, '');
}
