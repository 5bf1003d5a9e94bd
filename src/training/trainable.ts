import * as tf from '@tensorflow/tfjs-node-gpu';
import { z } from 'zod';
import { FoveaError } from '../errors.js';
import { batchNormInTraining, dropout, relu } from './kernels.js';

/** Reads a variable: its current value, or its running average. */
export type ReadVariable = (variable: tf.Variable) => tf.Tensor;

interface TrainingContext {
  /** Factor on the rate of every dropout layer, 0..1. */
  readonly dropoutScale: number;
  /** Different for every step of every epoch. */
  readonly seed: number;
  /** Notes what a moving average moves to; applied after the backward pass. */
  readonly moveTo: (variable: tf.Variable, value: tf.Tensor) => void;
}

/** One layer, run with or without learning. */
interface Step {
  train(x: tf.Tensor, context: TrainingContext): tf.Tensor;
  infer(x: tf.Tensor, read: ReadVariable): tf.Tensor;
}

const convolutionConfig = z.object({
  strides: z.tuple([z.int(), z.int()]),
  padding: z.enum(['same', 'valid']),
  dilationRate: z.tuple([z.literal(1), z.literal(1)]),
  activation: z.literal('linear'),
});
const poolingConfig = z.object({
  poolSize: z.tuple([z.int(), z.int()]),
  strides: z.tuple([z.int(), z.int()]),
  padding: z.enum(['same', 'valid']),
});
const denseConfig = z.object({ activation: z.enum(['linear', 'softmax']) });
const activationConfig = z.object({ activation: z.literal('relu') });
const batchNormConfig = z.object({ momentum: z.number(), epsilon: z.number() });
const dropoutConfig = z.object({ rate: z.number() });

/** Variables of one layer by their short names: `kernel`, `bias`, `gamma` … */
type LayerVariables = (name: string) => tf.Variable;

function rank4(x: tf.Tensor): tf.Tensor4D {
  const isRank4 = (tensor: tf.Tensor): tensor is tf.Tensor4D => tensor.rank === 4;
  if (isRank4(x)) return x;
  throw new FoveaError('training_failed', `A layer for images got values of shape [${x.shape.join(', ')}].`);
}

/** A step that does the same whether it learns or not. */
function stateless(run: (x: tf.Tensor) => tf.Tensor): Step {
  return { train: run, infer: run };
}

/** @param bias undefined where a batch norm follows, which would take any bias out again. */
function linear(
  apply: (x: tf.Tensor, kernel: tf.Tensor) => tf.Tensor,
  kernel: tf.Variable,
  bias: tf.Variable | undefined,
): Step {
  return {
    train: (x) => (bias === undefined ? apply(x, kernel) : tf.add(apply(x, kernel), bias)),
    infer: (x, read) => {
      const y = apply(x, read(kernel));
      return bias === undefined ? y : tf.add(y, read(bias));
    },
  };
}

function batchNorm(layer: tf.layers.Layer, variable: LayerVariables): Step {
  const { momentum, epsilon } = batchNormConfig.parse(layer.getConfig());
  const [gamma, beta] = [variable('gamma'), variable('beta')];
  const [movingMean, movingVariance] = [variable('moving_mean'), variable('moving_variance')];
  /** The kernel takes images only; the values of a dense layer are images of one pixel. */
  const asImages = (x: tf.Tensor) => (x.rank === 4 ? x : tf.reshape(x, [x.shape[0] ?? 0, 1, 1, -1]));
  return {
    train(x, context) {
      const moved = (from: tf.Variable, to: tf.Tensor) =>
        tf.add(tf.mul(from, momentum), tf.mul(to, 1 - momentum));
      const onMoments = (mean: tf.Tensor, variance: tf.Tensor) => {
        context.moveTo(movingMean, moved(movingMean, mean));
        context.moveTo(movingVariance, moved(movingVariance, variance));
      };
      const y = batchNormInTraining(asImages(x), gamma, beta, { epsilon, onMoments });
      return tf.reshape(y, x.shape);
    },
    infer: (x, read) =>
      tf.batchNorm(
        x,
        rank1(read(movingMean)),
        rank1(read(movingVariance)),
        rank1(read(beta)),
        rank1(read(gamma)),
        epsilon,
      ),
  };
}

function rank1(x: tf.Tensor): tf.Tensor1D {
  return tf.reshape(x, [-1]);
}

function dropoutStep(layer: tf.layers.Layer, place: number): Step {
  const { rate } = dropoutConfig.parse(layer.getConfig());
  return {
    train: (x, { dropoutScale, seed }) => dropout(x, rate * dropoutScale, [seed, place]),
    infer: (x) => x,
  };
}

function stepOf(
  layer: tf.layers.Layer,
  place: number,
  isNormalized: boolean,
  variable: LayerVariables,
): Step {
  const config = layer.getConfig();
  const bias = () => (isNormalized ? undefined : variable('bias'));
  switch (layer.getClassName()) {
    case 'Conv2D': {
      const { strides, padding } = convolutionConfig.parse(config);
      const apply = (x: tf.Tensor, kernel: tf.Tensor) => tf.conv2d(rank4(x), rank4(kernel), strides, padding);
      return linear(apply, variable('kernel'), bias());
    }
    case 'Dense':
      // A last softmax is part of the loss: the steps end with logits.
      denseConfig.parse(config);
      return linear((x, kernel) => tf.matMul(x, kernel), variable('kernel'), bias());
    case 'BatchNormalization':
      return batchNorm(layer, variable);
    case 'Activation':
      activationConfig.parse(config);
      return stateless(relu);
    case 'MaxPooling2D': {
      const { poolSize, strides, padding } = poolingConfig.parse(config);
      return stateless((x) => tf.maxPool(rank4(x), poolSize, strides, padding));
    }
    case 'Flatten':
      return stateless((x) => tf.reshape(x, [x.shape[0] ?? 0, -1]));
    case 'Dropout':
      return dropoutStep(layer, place);
    default:
      throw new FoveaError('training_failed', `Layers of class ${layer.getClassName()} cannot be trained.`, {
        details: {
          layer: layer.name,
          trainable: [
            'Conv2D',
            'Dense',
            'BatchNormalization',
            'Activation',
            'MaxPooling2D',
            'Flatten',
            'Dropout',
          ],
        },
      });
  }
}

/** A bias in front of a batch norm moves into its mean: the same function, with one addition less to learn. */
function absorbBias(bias: tf.Variable, movingMean: tf.Variable): void {
  tf.tidy(() => {
    movingMean.assign(tf.sub(movingMean, bias));
    bias.assign(tf.zerosLike(bias));
  });
}

/** A LayersModel taken apart so that its layers run on TensorFlow's training kernels. */
export class Trainable {
  /** Variables that gradients change. */
  readonly parameters: readonly tf.Variable[];
  /** All variables, in the order of the model's weights. */
  readonly variables: readonly tf.Variable[];
  readonly #model: tf.Sequential;
  readonly #steps: readonly Step[];

  /** @throws FoveaError `training_failed` when it has a layer that we cannot train. */
  constructor(model: tf.Sequential) {
    this.#model = model;
    const variables = new Map<string, tf.Variable>();
    const trainable = new Set(model.trainableWeights.map((weight) => weight.originalName));
    for (const weight of model.weights) {
      const isTrainable = trainable.has(weight.originalName);
      variables.set(weight.originalName, tf.variable(weight.read(), isTrainable));
    }
    this.variables = [...variables.values()];
    this.parameters = this.variables.filter((variable) => variable.trainable);
    const variableOf = (layer: tf.layers.Layer) => (name: string) => {
      const variable = variables.get(`${layer.name}/${name}`);
      if (variable === undefined)
        throw new FoveaError('training_failed', `Layer ${layer.name} has no ${name}.`);
      return variable;
    };
    const layers = model.layers.filter((layer) => layer.getClassName() !== 'InputLayer');
    this.#steps = layers.map((layer, place) => {
      const next = layers[place + 1];
      const isNormalized = layer.weights.length > 0 && next?.getClassName() === 'BatchNormalization';
      if (isNormalized) absorbBias(variableOf(layer)('bias'), variableOf(next)('moving_mean'));
      return stepOf(layer, place, isNormalized, variableOf(layer));
    });
  }

  /** Logits of a training batch, differentiable by the parameters; inside `tf.tidy` or `tf.variableGrads`. */
  train(x: tf.Tensor, context: TrainingContext): tf.Tensor {
    return this.#steps.reduce((value, step) => step.train(value, context), x);
  }

  /** Logits of `x`: float32 `[n, classes]`. */
  infer(x: tf.Tensor, read: ReadVariable = (variable) => variable): tf.Tensor {
    return tf.tidy(() => this.#steps.reduce((value, step) => step.infer(value, read), x));
  }

  /** The model with the given values as weights; its own, to be saved. */
  toModel(read: ReadVariable): tf.Sequential {
    this.#model.setWeights(this.variables.map(read));
    return this.#model;
  }
}
