import { availableParallelism } from 'node:os';
import { MatrixProduct } from '../../../models/engines/native/matrix-product.js';
import type { Features } from './features.js';
import { HeadRegression, type Scaling, scalingOf } from './head-regression.js';
import { minimise } from './lbfgs.js';
import type { Targets } from './targets.js';

/** A dense layer before a softmax, or with several labels a sigmoid. */
export interface Head {
  /** float32 `[width, classes]` */
  readonly kernel: Float32Array;
  /** float32 `[classes]` */
  readonly bias: Float32Array;
  /** Weight of the L2 penalty, for features scaled to mean square 1. */
  readonly l2: number;
}

/** Tried from the strongest to the weakest, each from the result of the one before. */
const PENALTIES = [1, 0.1, 0.01, 0.001, 0.0001];
const MAX_ITERATIONS = 200;
const TOLERANCE = 2e-5;

/** The head for features as they are, of the parameters for scaled features. */
function unscaled(at: Float64Array, { means, factor }: Scaling, classes: number): Omit<Head, 'l2'> {
  const width = means.length;
  const kernel = new Float32Array(width * classes);
  const bias = Float32Array.from(at.subarray(width * classes));
  for (let output = 0; output < classes; output++) {
    let shift = 0;
    for (let feature = 0; feature < width; feature++) {
      const weight = (at[output * width + feature] ?? 0) * factor;
      kernel[feature * classes + output] = weight;
      shift += weight * (means[feature] ?? 0);
    }
    bias[output] = (bias[output] ?? 0) - shift;
  }
  return { kernel, bias };
}

/**
 * What the bias of each output lacks after the fit. That of a label answers as if half of the images had it, so it gets the
 * logarithm of how many images have it for each that does not. A softmax keeps its classes equal.
 * @source Elkan, "The Foundations of Cost-Sensitive Learning" (2001), theorem 2
 */
function prevalenceBias(classes: readonly number[], { outputs, labelSets }: Targets): Float32Array {
  const counts = new Float32Array(outputs);
  if (labelSets === undefined) return counts;
  for (const number of classes)
    for (const label of labelSets[number] ?? []) counts[label] = (counts[label] ?? 0) + 1;
  return counts.map((count) => Math.log(count / (classes.length - count)));
}

/** The head of fitted parameters. */
function headOf(
  at: Float64Array,
  scaling: Scaling,
  classes: readonly number[],
  targets: Targets,
): Omit<Head, 'l2'> {
  const { kernel, bias } = unscaled(at, scaling, targets.outputs);
  const added = prevalenceBias(classes, targets);
  return { kernel, bias: bias.map((value, output) => value + (added[output] ?? 0)) };
}

/** Fits a logistic regression in which every class counts the same; with several labels, one regression for each label, with a common
 * penalty. The penalty with the smallest validation loss is chosen.
 * @param validation of the same width
 * @throws FoveaError `engine_unavailable` */
export function fitHead(train: Features, validation: Features, targets: Targets): Head {
  const scaling = scalingOf(train);
  const training = new HeadRegression(train, scaling, targets);
  const held = new HeadRegression(validation, scaling, targets);
  let at: Float64Array = new Float64Array((train.width + 1) * targets.outputs);
  let best = { at, loss: Number.POSITIVE_INFINITY, l2: 0 };
  for (const l2 of PENALTIES) {
    at = minimise(training.objective(l2), at, { maxIterations: MAX_ITERATIONS, tolerance: TOLERANCE });
    const loss = held.loss(at);
    // The loss has one minimum along the penalties.
    if (loss >= best.loss) break;
    best = { at, loss, l2 };
  }
  training.dispose();
  held.dispose();
  return { ...headOf(best.at, scaling, train.classes, targets), l2: best.l2 };
}

/** Fits a head with a known penalty. @throws FoveaError `engine_unavailable` */
export function refitHead(features: Features, targets: Targets, l2: number): Head {
  const scaling = scalingOf(features);
  const regression = new HeadRegression(features, scaling, targets);
  const start = new Float64Array((features.width + 1) * targets.outputs);
  const at = minimise(regression.objective(l2), start, {
    maxIterations: MAX_ITERATIONS,
    tolerance: TOLERANCE,
  });
  regression.dispose();
  return { ...headOf(at, scaling, features.classes, targets), l2 };
}

/** Logits: float32 `[rows, classes]`. */
export function logitsOf(
  { values, classes, width }: Features,
  { kernel, bias }: Omit<Head, 'l2'>,
): Float32Array {
  if (classes.length === 0) return new Float32Array(0);
  const layer = new MatrixProduct({ shape: [width, bias.length], values: kernel }, availableParallelism());
  const logits = layer.times(values, classes.length);
  layer.dispose();
  return logits.map((value, at) => value + (bias[at % bias.length] ?? 0));
}
