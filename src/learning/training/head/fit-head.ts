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
  return { ...unscaled(best.at, scaling, targets.outputs), l2: best.l2 };
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
  return { ...unscaled(at, scaling, targets.outputs), l2 };
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
