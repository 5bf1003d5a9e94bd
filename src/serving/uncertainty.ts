import type { ReviewScores } from '../insight/history/page-order.js';
import { type ModelOutput, thresholdOf } from '../models/repository/model-output.js';
import { indicesOfLargest } from './rank-classes.js';

type Uncertainty = Pick<ReviewScores, 'margin' | 'entropy'>;

/** In nats; 0 for a probability of 0. */
function surprise(probability: number): number {
  return probability > 0 ? -probability * Math.log(probability) : 0;
}

function ofOneClass(probabilities: Float32Array): Uncertainty {
  const [first = 0, second = 0] = indicesOfLargest(probabilities, 2).map(
    (index) => probabilities[index] ?? 0,
  );
  const entropy = probabilities.reduce((sum, probability) => sum + surprise(probability), 0);
  // One class has no other that could be meant.
  const most = Math.log(Math.max(probabilities.length, 2));
  return { margin: first - second, entropy: entropy / most };
}

function ofSeveral(probabilities: Float32Array, output: ModelOutput): Uncertainty {
  let margin = 1;
  let entropy = 0;
  for (const [index, probability] of probabilities.entries()) {
    margin = Math.min(margin, Math.abs(probability - thresholdOf(output, index)));
    entropy += surprise(probability) + surprise(1 - probability);
  }
  return { margin, entropy: entropy / (probabilities.length * Math.LN2) };
}

/** How unsure an answer is, over all classes.
 * @param probabilities float32 `[labels]`, 0..1
 * @source B. Settles, Active Learning Literature Survey, 2009, 3.1: margin and entropy sampling */
export function uncertaintyOf(probabilities: Float32Array, output: ModelOutput): Uncertainty {
  const { margin, entropy } =
    output.task === 'multi' ? ofSeveral(probabilities, output) : ofOneClass(probabilities);
  // Sums of float32 exceed the range by rounding.
  return { margin, entropy: Math.min(entropy, 1) };
}
