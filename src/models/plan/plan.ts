/**
 * A model as a list of typed steps. Training uses the plan of the format; engines execute the result of `foldPlan`, with
 * batch norms and activations folded in.
 *
 * A plan depends on no framework. Values are float32, row-major, channels last. Every value has a leading batch dimension,
 * which shapes omit.
 */
export interface Plan<S extends TrainingStep = Step> {
  /** `[height, width, channels]` of the value `INPUT_VALUE`: pixels after the manifest's scale and offset. */
  readonly inputShape: Shape;
  /** In topological order; each step computes one new value. */
  readonly steps: readonly S[];
  /** Of shape `[classes]`. */
  readonly output: ValueId;
  readonly classes: number;
}

export type Shape = readonly number[];

/** Unique within a plan; ascending along the steps, with gaps left by folding. */
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
  | 'hardSwish'
  | 'gelu'
  | 'geluTanh'
  | 'softmax';

/** Applied to each number; softmax along the last dimension. `elu` has a factor of 1; `hardSigmoid` is
 * `alpha x + 0.5` clipped to 0..1, `hardSwish` is `x · clip(x / 6 + 0.5)`, `swish` is `x · sigmoid(x)`, `gelu` is
 * `x · (1 + erf(x / √2)) / 2`, `geluTanh` its approximation by tanh. */
export interface Activation {
  readonly kind: ActivationKind;
  /** The slope below zero of `leakyRelu`; the slope of `hardSigmoid`, for which 0 stands for 0.2; 0 for all others. */
  readonly alpha: number;
}

export const LINEAR: Activation = { kind: 'linear', alpha: 0 };

interface StepOf<Op extends string> {
  readonly op: Op;
  /** The layer that it was compiled from, for messages and profiles. */
  readonly layer: string;
  readonly inputs: readonly ValueId[];
  readonly output: ValueId;
  /** The output's shape. */
  readonly shape: Shape;
  /** The names of the step's weights in the model's file. Training changes named weights and writes them back; it does not
   * change weights without a name. */
  readonly weightNames?: Readonly<Partial<Record<WeightRole, string | undefined>>>;
}

export type WeightRole = 'filter' | 'kernel' | 'bias' | 'gamma' | 'beta' | 'mean' | 'variance';

interface Convolution<Op extends string> extends StepOf<Op> {
  /** `[outChannels]` */
  readonly bias: Float32Array;
  readonly strides: Pair;
  readonly dilations: Pair;
  /** Padded with zeros. */
  readonly padding: Padding;
  readonly activation: Activation;
}

export interface Conv2dStep extends Convolution<'conv2d'> {
  /** `[height, width, inChannels / groups, outChannels]`; the number of groups follows. */
  readonly filter: Weights;
}

export interface DepthwiseConv2dStep extends Convolution<'depthwiseConv2d'> {
  /** `[height, width, inChannels, multiplier]`; out channel = in channel × multiplier + its index. */
  readonly filter: Weights;
}

/** Reads a value of shape `[inUnits]`. */
export interface DenseStep extends StepOf<'dense'> {
  /** `[inUnits, outUnits]` */
  readonly kernel: Weights;
  /** `[outUnits]` */
  readonly bias: Float32Array;
  readonly activation: Activation;
}

/** Neither the maximum nor the average includes padding, unless `countsPadding`. */
export interface PoolStep extends StepOf<'maxPool' | 'averagePool'> {
  readonly window: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
  /** Whether an average counts padding as zeros. */
  readonly countsPadding?: boolean;
}

/** Over height and width; the shape is `[channels]` or `[1, 1, channels]`. */
export type GlobalPoolStep = StepOf<'globalMaxPool' | 'globalAveragePool'>;

/** The same numbers in the same order; also flattens. */
export type ReshapeStep = StepOf<'reshape'>;

/** Another order of the dimensions. */
export interface TransposeStep extends StepOf<'transpose'> {
  /** The dimension of the input that each dimension of the output is. */
  readonly order: Shape;
}

/** Products of matrices: `[count, rows, inner]` by `[count, inner, columns]`. */
export interface MatMulStep extends StepOf<'matMul'> {
  /** Whether the second value is `[count, columns, inner]`. */
  readonly transposed: boolean;
}

/** Adds the same numbers to each image. */
export interface AddConstantStep extends StepOf<'addConstant'> {
  /** Of the value's last dimensions; added at each place of those before them. */
  readonly summand: Weights;
}

/** Cuts rows and columns off each side. */
export interface CropStep extends StepOf<'crop'> {
  readonly cropping: Padding;
}

/** `gamma · (x − mean) / sqrt(variance + epsilon) + beta` along the last dimension, of each place's own mean and variance.
 * @source Ba, Kiros and Hinton, "Layer Normalization" (2016), section 3 */
export interface LayerNormStep extends StepOf<'layerNorm'> {
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly epsilon: number;
}

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

/** Has two or more inputs; a dimension of 1 is broadcast. */
export type ElementwiseStep = StepOf<'add' | 'multiply'>;

/** Concatenates along the channels, the last dimension, in the order of the inputs. */
export type ConcatStep = StepOf<'concat'>;

export type Step =
  | Conv2dStep
  | DepthwiseConv2dStep
  | DenseStep
  | PoolStep
  | GlobalPoolStep
  | ReshapeStep
  | ZeroPaddingStep
  | CropStep
  | TransposeStep
  | MatMulStep
  | AddConstantStep
  | LayerNormStep
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
  /** Moving average over the batches of training. */
  readonly variance: Float32Array;
  readonly epsilon: number;
  /** A moving average keeps this share, 0..1, at each batch. */
  readonly momentum: number;
}

/** In training it zeroes a random share `rate` of the values and scales the rest up. In inference it returns its input. */
export interface DropoutStep extends StepOf<'dropout'> {
  readonly rate: number;
}

/** Returns its input in inference. Fovea cannot compute it in training. */
export interface TrainingOnlyStep extends StepOf<'trainingOnly'> {
  /** The format's name for it. */
  readonly kind: string;
}

/** A step of an unfolded plan. */
export type TrainingStep = Step | BatchNormStep | DropoutStep | TrainingOnlyStep;

export type TrainingPlan = Plan<TrainingStep>;

/** For each step, the values whose last use it is; never the plan's output. */
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

/** Groups of a convolution that reads so many channels. */
export function groupsOf({ filter }: Conv2dStep, inChannels: number): number {
  return inChannels / (filter.shape[2] ?? inChannels);
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}
