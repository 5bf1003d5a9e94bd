import { softmaxRows } from './softmax-rows.js';

const LOWEST = 0.1;
const HIGHEST = 10;
/** The golden section of an interval; 40 divisions leave 1e-8 of it. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const DIVISIONS = 40;
/** What speaks against a temperature other than 1: as much as a loss of so many nats for each square of its logarithm. Without it,
 * a few images that are all answered right would ask for a confidence of 100 %. */
const PULL = 4;

function lossAt(logarithm: number, logits: Float32Array, truth: readonly number[]): number {
  const classes = logits.length / truth.length;
  const probabilities = softmaxRows(logits, classes, Math.exp(logarithm));
  return truth.reduce(
    (sum, label, row) => sum - Math.log(Math.max(probabilities[row * classes + label] ?? 0, 1e-30)),
    PULL * logarithm ** 2,
  );
}

/**
 * The temperature at which the confidence on held-out images fits the accuracy best. Logits that are divided by it have the same
 * order and another confidence.
 * @param logits float32 `[images, classes]`
 * @param truth the class of each image; at least one
 * @source Guo et al., "On Calibration of Modern Neural Networks" (2017), section 4.2
 */
export function temperatureOf(logits: Float32Array, truth: readonly number[]): number {
  let [low, high] = [Math.log(LOWEST), Math.log(HIGHEST)];
  const loss = (logarithm: number) => lossAt(logarithm, logits, truth);
  for (let division = 0; division < DIVISIONS; division++) {
    const [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
    if (loss(left) < loss(right)) high = right;
    else low = left;
  }
  return Math.exp((low + high) / 2);
}
