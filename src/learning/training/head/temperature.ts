import { probabilitiesOf, type Targets } from './targets.js';

const LOWEST = 0.1;
const HIGHEST = 10;
/** The golden section of an interval; 40 divisions leave 1e-8 of it. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const DIVISIONS = 40;
/** What speaks against a temperature other than 1: as much as a loss of so many nats for each square of its logarithm. Without it,
 * a few images that are all answered right would ask for a confidence of 100 %. */
const PULL = 4;

const SMALLEST_PROBABILITY = 1e-30;

/** For each image the probability of its class; with several labels, for each label the probability that the image has it, or where it lacks
 * the label, that it lacks it. */
function* truthsOf(
  probabilities: Float32Array,
  classes: readonly number[],
  { outputs, labelSets }: Targets,
): Generator<number> {
  for (const [row, number] of classes.entries()) {
    if (labelSets === undefined) {
      yield probabilities[row * outputs + number] ?? 0;
      continue;
    }
    for (let label = 0; label < outputs; label++) {
      const probability = probabilities[row * outputs + label] ?? 0;
      yield labelSets[number]?.has(label) ? probability : 1 - probability;
    }
  }
}

function lossAt(
  logarithm: number,
  logits: Float32Array,
  classes: readonly number[],
  targets: Targets,
): number {
  const probabilities = probabilitiesOf(logits, targets, Math.exp(logarithm));
  let loss = PULL * logarithm ** 2;
  for (const probability of truthsOf(probabilities, classes, targets))
    loss -= Math.log(Math.max(probability, SMALLEST_PROBABILITY));
  return loss;
}

/**
 * The temperature at which the confidence on held-out images fits the accuracy best. Logits that are divided by it have the same
 * order and another confidence.
 * @param logits float32 `[images, outputs]`
 * @param classes of the images, at least one
 * @source Guo et al., "On Calibration of Modern Neural Networks" (2017), section 4.2
 */
export function temperatureOf(logits: Float32Array, classes: readonly number[], targets: Targets): number {
  let [low, high] = [Math.log(LOWEST), Math.log(HIGHEST)];
  const loss = (logarithm: number) => lossAt(logarithm, logits, classes, targets);
  for (let division = 0; division < DIVISIONS; division++) {
    const [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
    if (loss(left) < loss(right)) high = right;
    else low = left;
  }
  return Math.exp((low + high) / 2);
}
