import { softmaxRows } from './softmax-rows.js';

/** Logits divided by a temperature have the same order and another confidence. */
const LOWEST = 0.1;
const HIGHEST = 10;
/** The golden section of an interval; 40 divisions leave 1e-8 of it. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const DIVISIONS = 40;

/**
 * Cross-entropy of the labels, with targets that a few images justify: with `n` images the truth counts `(n + 1) / (n + classes)`.
 * Otherwise images that are all answered right would ask for a confidence of 100 %.
 * @source Platt, "Probabilistic Outputs for Support Vector Machines" (1999), section 2.2
 */
function lossAt(temperature: number, logits: Float32Array, truth: readonly number[]): number {
  const classes = logits.length / truth.length;
  const rest = 1 / (truth.length + classes);
  const logarithms = softmaxRows(logits, classes, temperature).map((value) =>
    Math.log(Math.max(value, 1e-30)),
  );
  let loss = 0;
  for (const [row, label] of truth.entries()) {
    const ofRow = logarithms.subarray(row * classes, (row + 1) * classes);
    loss -= rest * ofRow.reduce((sum, value) => sum + value, 0) + rest * truth.length * (ofRow[label] ?? 0);
  }
  return loss;
}

/**
 * The temperature at which the confidence on held-out images fits the accuracy best.
 * @param logits float32 `[images, classes]`
 * @param truth the class of each image; at least one
 * @source Guo et al., "On Calibration of Modern Neural Networks" (2017), section 4.2
 */
export function temperatureOf(logits: Float32Array, truth: readonly number[]): number {
  let [low, high] = [Math.log(LOWEST), Math.log(HIGHEST)];
  const loss = (logarithm: number) => lossAt(Math.exp(logarithm), logits, truth);
  for (let division = 0; division < DIVISIONS; division++) {
    const [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
    if (loss(left) < loss(right)) high = right;
    else low = left;
  }
  return Math.exp((low + high) / 2);
}
