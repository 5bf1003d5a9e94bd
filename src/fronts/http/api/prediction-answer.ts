import { z } from 'zod';
import type { Prediction, RankedClass } from '../../../serving/prediction.js';
import { indicesOfLargest } from '../../../serving/rank-classes.js';

const rankedClass = z.strictObject({
  class: z.string(),
  class_index: z.int().nonnegative(),
  confidence: z.number(),
});

/** The answer for one image. */
export const predictionSchema = z.strictObject({
  predicted_class: z.string(),
  predicted_class_index: z.int().nonnegative(),
  confidence: z.number(),
  /** Milliseconds from the end of the upload to the answer. */
  prediction_time_ms: z.number(),
  timestamp: z.iso.datetime(),
  all_probabilities: z
    .record(z.string(), z.number())
    .describe('Every class; the five likeliest where a model has more than `FOVEA_MAX_LISTED_CLASSES`.'),
  top_k: z.array(rankedClass).optional(),
  labels: z
    .array(rankedClass)
    .optional()
    .describe(
      'The labels that reach their threshold, likeliest first. Only in answers of models of several labels.',
    ),
  unfamiliar: z
    .boolean()
    .optional()
    .describe(
      'Whether the image is like none of the classes. Only in answers of heads whose manifest has `output.unfamiliar_above`.',
    ),
  warnings: z
    .array(z.string())
    .optional()
    .describe('Damage of the image file that decoders ignore; absent for an undamaged file.'),
  file_name: z.string().nullable(),
  model: z.string(),
  model_version: z.int().positive(),
  request_id: z.string(),
  /** Key of the prediction in the history, for `/api/predictions/{id}` and its feedback. */
  prediction_id: z.uuid(),
});

export type PredictionAnswer = z.infer<typeof predictionSchema>;

/** What an answer says of its classes. */
export interface Listing {
  /** Models with more classes list only the likeliest. */
  readonly maxListedClasses: number;
  /** Less likely classes are omitted; the predicted one never is. */
  readonly minConfidence: number;
}

/** Classes that `all_probabilities` lists of a model with too many to list them all. */
const LISTED_OF_MANY = 5;

function nameProbabilities(
  probabilities: Float32Array,
  labels: readonly string[],
  { maxListedClasses, minConfidence }: Listing,
): Record<string, number> {
  const named: Record<string, number> = {};
  const add = (index: number): void => {
    const probability = probabilities[index] ?? 0;
    if (probability >= minConfidence) named[labels[index] ?? ''] = probability;
  };
  if (labels.length <= maxListedClasses) for (let index = 0; index < labels.length; index++) add(index);
  else for (const index of indicesOfLargest(probabilities, LISTED_OF_MANY)) add(index);
  return named;
}

function rankedClasses(
  classes: readonly RankedClass[],
  { minConfidence }: Listing,
): NonNullable<PredictionAnswer['top_k']> {
  return classes
    .filter(({ confidence }) => confidence >= minConfidence)
    .map(({ label, classIndex, confidence }) => ({ class: label, class_index: classIndex, confidence }));
}

/** A prediction as JSON of this API. */
export function toAnswer(
  prediction: Prediction,
  request: { readonly id: string; readonly fileName: string | null },
  listing: Listing,
): PredictionAnswer {
  const { version, probabilities, topK, labels, isUnfamiliar, warnings } = prediction;
  return {
    predicted_class: prediction.label,
    predicted_class_index: prediction.classIndex,
    confidence: prediction.confidence,
    prediction_time_ms: prediction.predictionMs,
    timestamp: prediction.answeredAt.toISOString(),
    all_probabilities: nameProbabilities(probabilities, version.manifest.labels, listing),
    ...(topK !== undefined && { top_k: rankedClasses(topK, listing) }),
    ...(labels !== undefined && { labels: rankedClasses(labels, listing) }),
    ...(isUnfamiliar !== undefined && { unfamiliar: isUnfamiliar }),
    ...(warnings.length > 0 && { warnings: [...warnings] }),
    file_name: request.fileName,
    model: version.model,
    model_version: version.version,
    request_id: request.id,
    prediction_id: prediction.id,
  };
}
