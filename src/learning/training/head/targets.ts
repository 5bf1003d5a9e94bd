import { softmaxRows } from './softmax-rows.js';

/** What a head answers. */
export interface Targets {
  /** Number of classes or labels. */
  readonly outputs: number;
  /** Labels of an image, by its class number; undefined where an image has one class. */
  readonly labelSets: readonly ReadonlySet<number>[] | undefined;
}

/** Probabilities of rows of logits: float32 `[rows, outputs]`, as the logits. A softmax, or with several labels a sigmoid. */
export function probabilitiesOf(
  logits: Float32Array,
  { outputs, labelSets }: Targets,
  temperature = 1,
): Float32Array {
  if (labelSets === undefined) return softmaxRows(logits, outputs, temperature);
  return logits.map((logit) => 1 / (1 + Math.exp(-logit / temperature)));
}
