import type { Targets } from './targets.js';

/** Replaces logits `[outputs, rows]` by the derivatives of the loss by them. @returns the loss */
export type HeadLoss = (logits: Float32Array) => number;

/** Weights under which every class counts the same; they sum to 1. */
function balanced(classes: readonly number[]): Float32Array {
  const counts = new Map<number, number>();
  for (const index of classes) counts.set(index, (counts.get(index) ?? 0) + 1);
  return Float32Array.from(classes, (index) => 1 / (counts.size * (counts.get(index) ?? 1)));
}

/** Turns a column of logits into probabilities, in place.
 * @returns the logarithm of the probability of `truth` */
function softmaxColumn(logits: Float32Array, column: number, columns: number, truth: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let at = column; at < logits.length; at += columns) largest = Math.max(largest, logits[at] ?? 0);
  const ofTruth = (logits[truth * columns + column] ?? 0) - largest;
  let sum = 0;
  for (let at = column; at < logits.length; at += columns) {
    const power = Math.exp((logits[at] ?? 0) - largest);
    logits[at] = power;
    sum += power;
  }
  for (let at = column; at < logits.length; at += columns) logits[at] = (logits[at] ?? 0) / sum;
  return ofTruth - Math.log(sum);
}

/** The cross-entropy of a softmax in which every class counts the same. */
function softmaxLoss(classes: readonly number[]): HeadLoss {
  const rows = classes.length;
  const weights = balanced(classes);
  return (logits) => {
    let loss = 0;
    for (const [row, truth] of classes.entries()) {
      loss -= (weights[row] ?? 0) * softmaxColumn(logits, row, rows, truth);
      logits[truth * rows + row] = (logits[truth * rows + row] ?? 0) - 1;
    }
    for (let place = 0; place < logits.length; place++)
      logits[place] = (logits[place] ?? 0) * (weights[place % rows] ?? 0);
    return loss;
  };
}

/** The sum over the labels of their cross-entropies. Of each label, the rows with it count as much as the rows without. */
function sigmoidLoss(rowLabels: readonly ReadonlySet<number>[], outputs: number): HeadLoss {
  const rows = rowLabels.length;
  const truth = new Float32Array(outputs * rows);
  const weights = new Float32Array(outputs * rows);
  for (let label = 0; label < outputs; label++) {
    const answers = rowLabels.map((labels) => Number(labels.has(label)));
    truth.set(answers, label * rows);
    weights.set(balanced(answers), label * rows);
  }
  return (logits) => {
    let loss = 0;
    for (let place = 0; place < logits.length; place++) {
      const [logit, wanted, weight] = [logits[place] ?? 0, truth[place] ?? 0, weights[place] ?? 0];
      // log(1 + exp(logit)) − wanted · logit, without overflow.
      loss += weight * (Math.max(logit, 0) - wanted * logit + Math.log1p(Math.exp(-Math.abs(logit))));
      logits[place] = weight * (1 / (1 + Math.exp(-logit)) - wanted);
    }
    return loss;
  };
}

/** @param classes of the rows: classes, or numbers of label sets */
export function lossOf(classes: readonly number[], { outputs, labelSets }: Targets): HeadLoss {
  if (labelSets === undefined) return softmaxLoss(classes);
  return sigmoidLoss(
    classes.map((number) => labelSets[number] ?? new Set()),
    outputs,
  );
}
