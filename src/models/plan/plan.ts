/**
 * A model as a list of typed steps. Training works on it as a format compiled it; engines execute what `foldPlan`
 * makes of it, with batch norms and activations folded in.
 *
 * A plan knows no framework. Values are float32, row-major, channels last; shapes leave out the batch dimension,
 * which comes first in every value.
 */
export interface Plan<S extends TrainingStep = Step> {
  /** `[height, width, channels]` of the value `INPUT_VALUE`: pixels after the manifest's scale and offset. */
  readonly inputShape: Shape;
  /** In an order in which every input is there before it is used; each step makes one new value. */
  readonly steps: readonly S[];
  /** Of shape `[classes]`. */
  readonly output: ValueId;
  readonly classes: number;
}

export type Shape = readonly number[];

/** Unique within a plan; ascending along the steps, with gaps where steps were folded away. */
export type ValueId = number;

export const INPUT_VALUE: ValueId = 0;

/** Vertical, then horizontal. */
export type Pair = readonly [number, number];

/** Rows and columns added on each side. */
export interface Padding {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export const NO_PADDING: Padding = { top: 0, bottom: 0, left: 0, right: 0 };

export interface Weights {
  readonly shape: Shape;
  readonly values: Float32Array;
}

export type ActivationKind =
  | 'linear'
  | 'relu'
  | 'relu6'
  | 'leakyRelu'
  | 'elu'
  | 'sigmoid'
  | 'hardSigmoid'
  | 'tanh'
  | 'swish'
  | 'softmax';

/** Applied to each number; softmax along the last dimension. `elu` has a factor of 1; `hardSigmoid` is
 * `0.2 x + 0.5` within 0..1, `swish` is `x · sigmoid(x)`. */
export interface Activation {
  readonly kind: ActivationKind;
  /** Of `leakyRelu` the slope below zero; 0 for all others. */
  readonly alpha: number;
}

export const LINEAR: Activation = { kind: 'linear', alpha: 0 };

interface StepOf<Op extends string> {
  readonly op: Op;
  /** The layer that it came from, for messages and profiles. */
  readonly layer: string;
  readonly inputs: readonly ValueId[];
  readonly output: ValueId;
  /** Of the output. */
  readonly shape: Shape;
  /** What the model's file calls the step's weights, by the step's own names for them: training changes these, and
   * writes them back. Weights without a name stay as they are. */
  readonly weightNames?: Readonly<Partial<Record<WeightRole, string | undefined>>>;
}

export type WeightRole = 'filter' | 'kernel' | 'bias' | 'gamma' | 'beta' | 'mean' | 'variance';

interface Convolution<Op extends string> extends StepOf<Op> {
  /** `[outChannels]` */
  readonly bias: Float32Array;
  readonly strides: Pair;
  readonly dilations: Pair;
  /** With zeros. */
  readonly padding: Padding;
  readonly activation: Activation;
}

export interface Conv2dStep extends Convolution<'conv2d'> {
  /** `[height, width, inChannels, outChannels]` */
  readonly filter: Weights;
}

export interface DepthwiseConv2dStep extends Convolution<'depthwiseConv2d'> {
  /** `[height, width, inChannels, multiplier]`; out channel = in channel × multiplier + its index. */
  readonly filter: Weights;
}

/** On values of shape `[inUnits]`. */
export interface DenseStep extends StepOf<'dense'> {
  /** `[inUnits, outUnits]` */
  readonly kernel: Weights;
  /** `[outUnits]` */
  readonly bias: Float32Array;
  readonly activation: Activation;
}

/** Padding never counts: neither into a maximum nor into an average. */
export interface PoolStep extends StepOf<'maxPool' | 'averagePool'> {
  readonly window: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
}

/** Over height and width; the shape is `[channels]` or `[1, 1, channels]`. */
export type GlobalPoolStep = StepOf<'globalMaxPool' | 'globalAveragePool'>;

/** The same numbers in the same order; flatten is one of these. */
export type ReshapeStep = StepOf<'reshape'>;

export interface ZeroPaddingStep extends StepOf<'zeroPadding'> {
  readonly padding: Padding;
}

/** `x * scale + shift` for each channel, the last dimension: a rescaling, or a batch norm that could not be folded. */
export interface ScaleShiftStep extends StepOf<'scaleShift'> {
  readonly scale: Float32Array;
  readonly shift: Float32Array;
}

export interface ActivationStep extends StepOf<'activation'> {
  readonly activation: Activation;
}

/** Of two or more inputs; for `add` and `multiply` a dimension of 1 repeats along the other's. */
export type ElementwiseStep = StepOf<'add' | 'multiply'>;

/** Along the channels, the last dimension, in the order of the inputs. */
export type ConcatStep = StepOf<'concat'>;

export type Step =
  | Conv2dStep
  | DepthwiseConv2dStep
  | DenseStep
  | PoolStep
  | GlobalPoolStep
  | ReshapeStep
  | ZeroPaddingStep
  | ScaleShiftStep
  | ActivationStep
  | ElementwiseStep
  | ConcatStep;

/**
 * `gamma · (x − mean) / sqrt(variance + epsilon) + beta` for each channel, the last dimension. In training mean and
 * variance are the batch's own. Each vector is `[channels]`.
 * @source Ioffe and Szegedy, "Batch Normalization" (2015), algorithm 2
 */
export interface BatchNormStep extends StepOf<'batchNorm'> {
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  /** Moving average over the batches of training. */
  readonly mean: Float32Array;
  /** Likewise. */
  readonly variance: Float32Array;
  readonly epsilon: number;
  /** Share of the moving averages that a batch leaves, 0..1. */
  readonly momentum: number;
}

/** In training zeroes a random share `rate` of the values and scales the rest up; in inference changes nothing. */
export interface DropoutStep extends StepOf<'dropout'> {
  readonly rate: number;
}

/** Changes nothing in inference, and in training something that Fovea does not know. */
export interface TrainingOnlyStep extends StepOf<'trainingOnly'> {
  /** What the format calls it. */
  readonly kind: string;
}

/** A step of a plan that can be trained, as formats compile it. */
export type TrainingStep = Step | BatchNormStep | DropoutStep | TrainingOnlyStep;

export type TrainingPlan = Plan<TrainingStep>;

/** For each step, the values that nothing needs after it, so that their memory is free; never the plan's output. */
export function lastUses(plan: TrainingPlan): readonly (readonly ValueId[])[] {
  const seen = new Set<ValueId>([plan.output]);
  const dying = plan.steps.map((): ValueId[] => []);
  for (let index = plan.steps.length - 1; index >= 0; index--) {
    for (const value of plan.steps[index]?.inputs ?? []) {
      if (seen.has(value)) continue;
      seen.add(value);
      dying[index]?.push(value);
    }
  }
  return dying;
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}
