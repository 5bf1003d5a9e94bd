import type { GraphModel } from '@tensorflow/tfjs';
import { FoveaError } from '../../../platform/errors.js';
import type { TfjsGraphSource } from '../../formats/tfjs-graph/tfjs-graph-source.js';
import { requireFinite } from '../../plan/finite-weights.js';
import { reasonOf } from './failing-layer.js';
import type { Tfjs } from './tfjs-ops.js';
import type { TfjsProgram } from './tfjs-program.js';

/** Runs a GraphModel by tfjs itself, for nodes that plans lack.
 * @throws FoveaError `model_invalid` */
export async function graphProgram(tf: Tfjs, source: TfjsGraphSource): Promise<TfjsProgram> {
  const model = await loadModel(tf, source);
  for (const [name, tensors] of Object.entries(model.weights))
    for (const tensor of tensors)
      if (tensor.dtype === 'float32') requireFinite(name, tensor.dataSync<'float32'>());
  const { input, output } = source.ends;
  return {
    run: (images) => {
      const result = model.execute({ [input.node]: images }, output.node);
      if (Array.isArray(result)) throw new FoveaError('model_invalid', 'The model has more than one output.');
      return result;
    },
    dispose: () => model.dispose(),
  };
}

async function loadModel(tf: Tfjs, source: TfjsGraphSource): Promise<GraphModel> {
  const { weightSpecs, weightData } = await source.model();
  try {
    return await tf.loadGraphModel({
      load: () =>
        Promise.resolve({
          modelTopology: source.json.modelTopology,
          weightSpecs: weightSpecs.map((spec) => ({ ...spec })),
          weightData,
        }),
    });
  } catch (error) {
    throw new FoveaError('model_invalid', `tfjs cannot load the model: ${reasonOf(error)}`, { cause: error });
  }
}
