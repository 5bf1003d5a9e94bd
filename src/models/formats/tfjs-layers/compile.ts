import {
  INPUT_VALUE,
  type Shape,
  type TrainingPlan,
  type TrainingStep,
  type ValueId,
} from '../../plan/plan.js';
import type { StepDraft } from '../../plan/step-draft.js';
import type { Compiled } from '../format.js';
import type { TfjsModel } from '../tfjs-files/tfjs-model.js';
import { checkSettings, checkSettingsForTfjs } from './check-settings.js';
import type { Layer } from './layer-graph.js';
import { readLayerGraph } from './layer-graph.js';
import { LayerWeights } from './layer-weights.js';
import { LAYER_KINDS } from './layers/all.js';
import { UnsupportedLayer } from './unsupported-layer.js';

interface Value {
  readonly id: ValueId;
  readonly shape: Shape;
}

/** Turns a LayersModel into an unfolded plan, layer by layer.
 * @throws FoveaError `model_invalid` when weights are missing or of the wrong shape, or a layer has an unknown setting */
export function compileModel(model: TfjsModel): Compiled {
  checkSettings(model.topology);
  try {
    return { plan: planOf(model) };
  } catch (error) {
    if (!(error instanceof UnsupportedLayer)) throw error;
    checkSettingsForTfjs(model.topology);
    return { unsupported: { layer: error.layer, reason: error.message } };
  }
}

function planOf(model: TfjsModel): TrainingPlan {
  const { layers, input, output, inputShape } = readLayerGraph(model.topology);
  const weights = new LayerWeights(
    model,
    layers.map(({ name }) => name),
  );
  const steps: TrainingStep[] = [];
  const values = new Map<string, Value>([[input, { id: INPUT_VALUE, shape: inputShape }]]);
  for (const layer of layers) {
    const inputs = layer.inputs.map((id) => outputOf(values, id));
    values.set(layer.id, append(steps, layer, inputs, draftsOf(layer, inputs, weights)));
  }
  const last = outputOf(values, output);
  const [classes] = last.shape;
  if (last.shape.length !== 1 || classes === undefined)
    throw new UnsupportedLayer(layers.at(-1)?.name ?? 'model', 'does not output one number per class');
  return { inputShape, steps, output: last.id, classes };
}

function draftsOf(layer: Layer, inputs: readonly Value[], weights: LayerWeights): readonly StepDraft[] {
  const kind = LAYER_KINDS.get(layer.className);
  if (kind === undefined) throw new UnsupportedLayer(layer.name, `is a ${layer.className}`);
  const shapes = inputs.map((input) => input.shape);
  return kind.convert(layer, shapes, weights);
}

/** @returns the layer's output */
function append(
  steps: TrainingStep[],
  layer: Layer,
  values: readonly Value[],
  drafts: readonly StepDraft[],
): Value {
  let read = values;
  for (const draft of drafts) {
    const output = steps.length + 1;
    // Training does not change weights without a name, nor those of several calls: each call would change them on its own.
    const isFrozen = layer.config.trainable === false || layer.isShared;
    const weightNames = isFrozen ? {} : (draft.weightNames ?? {});
    const inputs = read.map((value) => value.id);
    steps.push({ ...draft, weightNames, layer: layer.name, inputs, output });
    read = [{ id: output, shape: draft.shape }];
  }
  const [value] = read;
  if (value === undefined) throw new UnsupportedLayer(layer.name, 'has no input');
  return value;
}

function outputOf(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name);
  if (value === undefined) throw new UnsupportedLayer(name, 'is read before it is computed');
  return value;
}
