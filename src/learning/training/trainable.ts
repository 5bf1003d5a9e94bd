import * as tf from '@tensorflow/tfjs-node-gpu';
import { type Layer, type LayerGraph, readLayerGraph } from '../../models/formats/tfjs-layers/layer-graph.js';
import { UnsupportedLayer } from '../../models/formats/tfjs-layers/unsupported-layer.js';
import { FoveaError } from '../../platform/errors.js';
import { only, type ReadVariable, type Step, type TrainingContext } from './steps/step.js';
import { stepOf } from './steps/step-of.js';

const HAS_LINEAR_OUTPUT = new Set(['Conv2D', 'DepthwiseConv2D', 'SeparableConv2D', 'Dense']);

/** A step, and where its inputs come from: places of steps before it, −1 for the network's input. */
interface PlacedStep {
  readonly step: Step;
  readonly inputs: readonly number[];
}

/** A bias in front of a batch norm moves into its mean: the same function, with one addition less to learn. */
function absorbBias(bias: tf.Variable, movingMean: tf.Variable): void {
  tf.tidy(() => {
    movingMean.assign(tf.sub(movingMean, bias));
    bias.assign(tf.zerosLike(bias));
  });
}

function graphOf(model: tf.LayersModel): LayerGraph {
  try {
    return readLayerGraph(model.toJSON(null, false));
  } catch (error) {
    if (error instanceof UnsupportedLayer)
      throw new FoveaError('training_failed', `The model cannot be trained: ${error.message}.`, {
        cause: error,
      });
    throw error;
  }
}

/** The batch norm that alone reads a layer; undefined where something else does, or the layer is no linear one. */
function normOf(layer: Layer, layers: readonly Layer[]): Layer | undefined {
  const { className, config, name } = layer;
  if (!HAS_LINEAR_OUTPUT.has(className) || config.activation !== 'linear') return undefined;
  const [reader, another] = layers.filter(({ inputs }) => inputs.includes(name));
  return another === undefined && reader?.className === 'BatchNormalization' ? reader : undefined;
}

/** A LayersModel taken apart so that its layers run on TensorFlow's training kernels. */
export class Trainable {
  /** Variables that gradients change. */
  readonly parameters: readonly tf.Variable[];
  /** Variables that are moving averages of moments. */
  readonly statistics: readonly tf.Variable[];
  /** For each of `statistics`, the share of it that a batch leaves. */
  readonly momenta: readonly number[];
  /** All variables, in the order of the model's weights. */
  readonly variables: readonly tf.Variable[];
  readonly #model: tf.LayersModel;
  readonly #byName = new Map<string, tf.Variable>();
  readonly #steps: readonly PlacedStep[];
  readonly #momenta = new Map<tf.Variable, number>();

  /** @param model a classifier: its output is a softmax, or logits
   * @throws FoveaError `training_failed` when it has a layer that we cannot train. */
  constructor(model: tf.LayersModel) {
    this.#model = model;
    const trainable = new Set(model.trainableWeights.map((weight) => weight.originalName));
    for (const weight of model.weights) {
      const isTrainable = trainable.has(weight.originalName);
      this.#byName.set(weight.originalName, tf.variable(weight.read(), isTrainable));
    }
    this.variables = [...this.#byName.values()];
    const [, ...layers] = graphOf(model).layers;
    const places = new Map(layers.map(({ name }, place) => [name, place]));
    this.#steps = layers.map((layer, place) => ({
      step: this.#stepOf(layer, place, layers),
      inputs: layer.inputs.map((name) => places.get(name) ?? -1),
    }));
    this.statistics = [...this.#momenta.keys()];
    this.momenta = [...this.#momenta.values()];
    // Gradients are asked for what the steps use: a bias in front of a batch norm is not among it.
    const idle = new Set(layers.filter((layer) => normOf(layer, layers)).map(({ name }) => `${name}/bias`));
    this.parameters = [...this.#byName]
      .filter(([name, variable]) => variable.trainable && !idle.has(name))
      .map(([, variable]) => variable);
  }

  #stepOf(layer: Layer, place: number, layers: readonly Layer[]): Step {
    const norm = normOf(layer, layers);
    if (norm !== undefined && layer.config.use_bias !== false)
      absorbBias(this.#variable(layer, 'bias'), this.#variable(norm, 'moving_mean'));
    return stepOf({
      layer: this.#model.getLayer(layer.name),
      place,
      variable: (name) => this.#variable(layer, name),
      moving: (name, momentum) => {
        const variable = this.#variable(layer, name);
        this.#momenta.set(variable, momentum);
        return variable;
      },
      isNormalized: norm !== undefined,
      isLast: place === layers.length - 1,
    });
  }

  #variable({ name: layer }: Layer, name: string): tf.Variable {
    const variable = this.#byName.get(`${layer}/${name}`);
    if (variable !== undefined) return variable;
    throw new FoveaError('training_failed', `Layer ${layer} has no ${name}.`);
  }

  /** Logits of a training batch, differentiable by what `context` reads; inside `tf.tidy`. */
  train(x: tf.Tensor, context: TrainingContext): tf.Tensor {
    return this.#run(x, (step, inputs) => step.train(inputs, context));
  }

  /** Logits of `x`: float32 `[n, classes]`. */
  infer(x: tf.Tensor, read: ReadVariable = (variable) => variable): tf.Tensor {
    return tf.tidy(() => this.#run(x, (step, inputs) => step.infer(inputs, read)));
  }

  #run(x: tf.Tensor, run: (step: Step, inputs: readonly tf.Tensor[]) => tf.Tensor): tf.Tensor {
    const values: tf.Tensor[] = [];
    for (const { step, inputs } of this.#steps)
      values.push(
        run(
          step,
          inputs.map((place) => values[place] ?? x),
        ),
      );
    return only(values.slice(-1));
  }

  /** The model with the given values as weights; its own, to be saved. */
  toModel(weights: { reader(): ReadVariable }): tf.LayersModel {
    tf.tidy(() => this.#model.setWeights(this.variables.map(weights.reader())));
    return this.#model;
  }
}
