import tf = require('@tensorflow/tfjs-node-gpu');

import t from 'tap';
import { lossAndGradients, softmaxCrossEntropy } from '../../../../src/learning/training/kernels.js';
import { NetworkWeights } from '../../../../src/learning/training/network-weights.js';
import { Trainable } from '../../../../src/learning/training/trainable.js';
import {
  type ActivationKind,
  INPUT_VALUE,
  LINEAR,
  NO_PADDING,
  type Shape,
  sizeOf,
  type TrainingPlan,
  type TrainingStep,
  type Weights,
} from '../../../../src/models/plan/plan.js';

const SIDE = 4;
const CHANNELS = 3;
const CLASSES = 2;
const IMAGES = 3;
const SHAPE: Shape = [SIDE, SIDE, CHANNELS];
/** Of a weight, to both sides. float32 leaves of the difference some four digits. */
const NUDGE = 2e-2;

let seed = 1;

function random(shape: Shape): Weights {
  const values = tf.tidy(() => tf.randomNormal([...shape], 0, 0.5, 'float32', seed++).dataSync());
  return { shape, values: Float32Array.from(values) };
}

type Draft = TrainingStep extends infer S
  ? S extends TrainingStep
    ? Omit<S, 'layer' | 'inputs' | 'output'> & { inputs?: number[] }
    : never
  : never;

/** A convolution, the steps under test, and a dense layer: each reads the step before it, unless it says otherwise. */
function planOf(drafts: readonly Draft[]): TrainingPlan {
  const stem: Draft = {
    op: 'conv2d',
    filter: random([1, 1, CHANNELS, CHANNELS]),
    bias: random([CHANNELS]).values,
    strides: [1, 1],
    dilations: [1, 1],
    padding: NO_PADDING,
    activation: LINEAR,
    weightNames: { filter: 'stem/kernel', bias: 'stem/bias' },
    shape: SHAPE,
  };
  const units = sizeOf(drafts.at(-1)?.shape ?? []);
  const head: Draft[] = [
    { op: 'reshape', shape: [units] },
    {
      op: 'dense',
      kernel: random([units, CLASSES]),
      bias: random([CLASSES]).values,
      activation: { kind: 'softmax', alpha: 0 },
      weightNames: { kernel: 'head/kernel', bias: 'head/bias' },
      shape: [CLASSES],
    },
  ];
  const steps = [stem, ...drafts, ...head].map(
    (draft, place): TrainingStep => ({
      inputs: [place === 0 ? INPUT_VALUE : place],
      ...draft,
      layer: `${draft.op}_${place + 1}`,
      output: place + 1,
    }),
  );
  return { inputShape: SHAPE, steps, output: steps.length, classes: CLASSES };
}

/** Largest difference between a gradient and what the loss does when its weight is nudged, as a share of the largest
 * gradient. */
function gradientGap(plan: TrainingPlan): number {
  const network = new Trainable(plan);
  const weights = new NetworkWeights(network);
  const { variable } = weights.parameters;
  const x = tf.randomNormal([IMAGES, ...SHAPE], 0, 1, 'float32', 99);
  const targets = tf.softmax(tf.randomNormal([IMAGES, CLASSES], 0, 1, 'float32', 98));
  const lossOf = (...values: tf.Tensor[]): tf.Scalar => {
    const context = { dropoutScale: 1, seed: 5, moments: new Map<tf.Variable, tf.Tensor>() };
    const read = weights.reader(values);
    const frozen = network.frozenValues(x, read, context);
    return softmaxCrossEntropy(network.train(frozen, read, context), targets);
  };
  const gradients = tf.tidy(() => {
    const found = lossAndGradients(lossOf, weights.parameters.parts()).gradients;
    return weights.parameters.join(found).dataSync();
  });
  const start = variable.dataSync<'float32'>();
  const lossAt = (place: number, change: number) =>
    tf.tidy(() => {
      const values = start.slice();
      values[place] = (values[place] ?? 0) + change;
      variable.assign(tf.tensor1d(values));
      return lossOf(...weights.parameters.parts()).dataSync()[0] ?? Number.NaN;
    });
  const gaps = [...gradients].map((gradient, place) => {
    const slope = (lossAt(place, NUDGE) - lossAt(place, -NUDGE)) / (2 * NUDGE);
    return Math.abs(slope - gradient);
  });
  return Math.max(...gaps) / Math.max(...gradients.map(Math.abs));
}

const convolution = {
  bias: random([4]).values,
  strides: [1, 1],
  dilations: [1, 1],
  padding: { top: 1, bottom: 1, left: 1, right: 1 },
  activation: { kind: 'tanh', alpha: 0 },
  weightNames: { filter: 'it/kernel', bias: 'it/bias' },
} as const;

const norm = {
  op: 'batchNorm',
  gamma: random([CHANNELS]).values,
  beta: random([CHANNELS]).values,
  mean: random([CHANNELS]).values,
  variance: new Float32Array(CHANNELS).fill(2),
  epsilon: 1e-3,
  momentum: 0.9,
} as const;

const normNames = { gamma: 'n/gamma', beta: 'n/beta', mean: 'n/mean', variance: 'n/variance' };
const pool = { window: [2, 2], strides: [2, 2], padding: NO_PADDING, shape: [2, 2, CHANNELS] } as const;

const STEPS: Readonly<Record<string, readonly Draft[]>> = {
  conv2d: [{ op: 'conv2d', filter: random([3, 3, CHANNELS, 4]), ...convolution, shape: [SIDE, SIDE, 4] }],
  'conv2d with strides and uneven padding': [
    {
      ...convolution,
      op: 'conv2d',
      filter: random([3, 2, CHANNELS, 4]),
      strides: [2, 1],
      padding: { top: 2, bottom: 0, left: 1, right: 2 },
      shape: [2, 6, 4],
    },
  ],
  depthwiseConv2d: [
    {
      ...convolution,
      op: 'depthwiseConv2d',
      filter: random([3, 3, CHANNELS, 2]),
      bias: random([2 * CHANNELS]).values,
      shape: [SIDE, SIDE, 2 * CHANNELS],
    },
  ],
  dense: [
    { op: 'reshape', shape: [sizeOf(SHAPE)] },
    {
      op: 'dense',
      kernel: random([sizeOf(SHAPE), 4]),
      bias: random([4]).values,
      activation: { kind: 'tanh', alpha: 0 },
      weightNames: { kernel: 'it/kernel', bias: 'it/bias' },
      shape: [4],
    },
  ],
  batchNorm: [
    { op: 'activation', activation: { kind: 'tanh', alpha: 0 }, shape: SHAPE },
    { ...norm, weightNames: normNames, shape: SHAPE },
  ],
  'batchNorm of a vector': [
    { op: 'globalAveragePool', shape: [CHANNELS] },
    { ...norm, weightNames: normNames, shape: [CHANNELS] },
  ],
  'batchNorm, frozen': [{ ...norm, shape: SHAPE }],
  scaleShift: [
    { op: 'scaleShift', scale: random([CHANNELS]).values, shift: random([CHANNELS]).values, shape: SHAPE },
  ],
  maxPool: [{ op: 'maxPool', ...pool }],
  averagePool: [{ op: 'averagePool', ...pool }],
  globalMaxPool: [{ op: 'globalMaxPool', shape: [CHANNELS] }],
  globalAveragePool: [{ op: 'globalAveragePool', shape: [1, 1, CHANNELS] }],
  zeroPadding: [
    { op: 'zeroPadding', padding: { top: 1, bottom: 0, left: 2, right: 1 }, shape: [5, 7, CHANNELS] },
  ],
  add: [
    { op: 'activation', activation: { kind: 'tanh', alpha: 0 }, shape: SHAPE },
    { op: 'add', inputs: [1, 2], shape: SHAPE },
  ],
  'multiply, by one number a channel': [
    { op: 'globalAveragePool', shape: [1, 1, CHANNELS] },
    { op: 'multiply', inputs: [1, 2], shape: SHAPE },
  ],
  concat: [
    { op: 'activation', activation: { kind: 'tanh', alpha: 0 }, shape: SHAPE },
    { op: 'concat', inputs: [2, 1], shape: [SIDE, SIDE, 2 * CHANNELS] },
  ],
  dropout: [{ op: 'dropout', rate: 0.4, shape: SHAPE }],
};

for (const [name, steps] of Object.entries(STEPS)) {
  t.test(`gradients through ${name} are the slopes of the loss`, async (t) => {
    const gap = gradientGap(planOf(steps));
    t.ok(gap < 0.02, `a difference of ${gap}`);
  });
}

const SMOOTH: ActivationKind[] = ['linear', 'sigmoid', 'tanh', 'swish', 'softmax'];
/** Of these a few values lie where the slope jumps: the difference there is no error. */
const KINKED: ActivationKind[] = ['relu', 'relu6', 'leakyRelu', 'elu', 'hardSigmoid'];

for (const kind of [...SMOOTH, ...KINKED]) {
  t.test(`gradients through ${kind} are the slopes of the loss`, async (t) => {
    const alpha = kind === 'leakyRelu' ? 0.2 : 0;
    const gap = gradientGap(planOf([{ op: 'activation', activation: { kind, alpha }, shape: SHAPE }]));
    t.ok(gap < (SMOOTH.includes(kind) ? 0.02 : 0.08), `a difference of ${gap}`);
  });
}
