import { z } from 'zod';

const probability = z.number().min(0).max(1);

/** `single`: an image has one class, and its probabilities sum to 1. `multi`: an image has any number of labels, and each
 * probability stands alone. */
export const taskSchema = z.enum(['single', 'multi']);

/** What a model gives, and what it means. */
export const modelOutputSchema = z.object({
  /** Of the output in the model's file; needed where that has several. */
  name: z.string().min(1).optional(),
  /** What still has to be applied to the model's numbers. */
  activation: z.enum(['softmax', 'sigmoid', 'none']).default('none'),
  task: taskSchema.default('single'),
  /** Of `multi`: probability from which a label counts; one for all, or one a label. */
  thresholds: z
    .union([probability, z.array(probability).min(1)])
    .transform((value) => (Array.isArray(value) ? value : [value]))
    .prefault(0.5),
  /** Classes in front that are no labels, such as a background; they are dropped before the activation. */
  drop_first: z.int().nonnegative().default(0),
  /** Classes that an answer ranks where its client does not say how many. */
  top_k: z.int().positive().optional(),
  /** Distance from which an answer says that its image is like none of the classes; needs `trunk.distance`. Undefined: no answer says
   * so. */
  unfamiliar_above: z.number().optional(),
});

export type ModelOutput = z.infer<typeof modelOutputSchema>;

/** Output of a head that Fovea learned, whose network ends in softmax or sigmoid. @param labelSets undefined: one class an image */
export function learnedOutput(labelSets: readonly unknown[] | undefined): ModelOutput {
  return modelOutputSchema.parse({ task: labelSets === undefined ? 'single' : 'multi' });
}

/** Probability from which a label of a `multi` model counts. */
export function thresholdOf({ thresholds }: ModelOutput, classIndex: number): number {
  return thresholds[thresholds.length === 1 ? 0 : classIndex] ?? 1;
}
