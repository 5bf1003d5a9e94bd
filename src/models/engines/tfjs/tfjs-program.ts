import type { LayersModel as LoadedModel, Tensor } from '@tensorflow/tfjs';
import { FoveaError } from '../../../platform/errors.js';
import type { TfjsModel } from '../../formats/tfjs-files/tfjs-model.js';
import { requireFinite } from '../../plan/finite-weights.js';
import { INPUT_VALUE, lastUses, type Plan, type Shape, type ValueId } from '../../plan/plan.js';
import { failingLayer, reasonOf } from './failing-layer.js';
import { createOp, type Tfjs } from './tfjs-ops.js';

/** An executable model. */
export interface TfjsProgram {
  /** Maps float32 `[rows, height, width, channels]` to a new `[rows, classes]`; the input is not disposed. */
  readonly run: (images: Tensor) => Tensor;
  readonly dispose: () => void;
}

/** Runs a plan step by step and disposes each value after its last use. */
export function planProgram(tf: Tfjs, plan: Plan): TfjsProgram {
  const shapes = new Map<ValueId, Shape>([[INPUT_VALUE, plan.inputShape]]);
  const dying = lastUses(plan);
  const steps = plan.steps.map((step, index) => {
    shapes.set(step.output, step.shape);
    const op = createOp(tf, step, shapes.get(step.inputs[0] ?? INPUT_VALUE) ?? []);
    return { ...op, inputs: step.inputs, output: step.output, dying: dying[index] ?? [] };
  });
  const run = (images: Tensor): Tensor => {
    // The caller keeps its tensor. A clone shares the memory.
    const values = new Map<ValueId, Tensor>([[INPUT_VALUE, images.clone()]]);
    try {
      for (const step of steps) {
        const inputs = step.inputs.map((id) => valueAt(values, id));
        values.set(step.output, step.run(inputs));
        for (const id of step.dying) take(values, id).dispose();
      }
      return take(values, plan.output);
    } finally {
      for (const value of values.values()) value.dispose();
    }
  };
  return {
    run,
    dispose: () => {
      for (const tensor of steps.flatMap((step) => step.weights)) tensor.dispose();
    },
  };
}

/** Runs a LayersModel by tfjs itself, for layers that plans lack.
 * @throws FoveaError `model_invalid` */
export async function layersProgram(tf: Tfjs, files: TfjsModel): Promise<TfjsProgram> {
  const model = await loadModel(tf, files);
  for (const weight of model.weights) requireFinite(weight.originalName, weight.read().dataSync<'float32'>());
  return {
    run: (images) => {
      const result = model.predict(images);
      if (Array.isArray(result)) throw new FoveaError('model_invalid', 'The model has more than one output.');
      return result;
    },
    dispose: () => model.dispose(),
  };
}

async function loadModel(tf: Tfjs, files: TfjsModel): Promise<LoadedModel> {
  try {
    return await tf.loadLayersModel({
      load: () =>
        Promise.resolve({
          modelTopology: files.topology,
          weightSpecs: files.weightSpecs.map((spec) => ({ ...spec })),
          weightData: files.weightData,
        }),
    });
  } catch (error) {
    const reason = reasonOf(error);
    const layer = await failingLayer(tf, files.topology, reason);
    const what = layer === undefined ? 'the model' : `the layer ${layer}`;
    throw new FoveaError('model_invalid', `tfjs cannot load ${what}: ${reason}`, { cause: error });
  }
}

function valueAt(values: ReadonlyMap<ValueId, Tensor>, id: ValueId): Tensor {
  const value = values.get(id);
  if (value === undefined) throw new Error(`Value ${id} is missing. This is a bug.`);
  return value;
}

function take(values: Map<ValueId, Tensor>, id: ValueId): Tensor {
  const value = valueAt(values, id);
  values.delete(id);
  return value;
}
