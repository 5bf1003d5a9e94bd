import { z } from 'zod';
import type { Prediction } from '../../../serving/prediction.js';

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
  all_probabilities: z.record(z.string(), z.number()),
  top_k: z.array(rankedClass).optional(),
  file_name: z.string().nullable(),
  model: z.string(),
  model_version: z.int().positive(),
  request_id: z.string(),
  /** Key of the prediction in the history, for `/api/predictions/{id}` and its feedback. */
  prediction_id: z.uuid(),
});

export type PredictionAnswer = z.infer<typeof predictionSchema>;

function nameProbabilities(probabilities: Float32Array, labels: readonly string[]): Record<string, number> {
  const named: Record<string, number> = {};
  for (let index = 0; index < labels.length; index++) named[labels[index] ?? ''] = probabilities[index] ?? 0;
  return named;
}

function rankedClasses(topK: NonNullable<Prediction['topK']>): PredictionAnswer['top_k'] {
  return topK.map(({ label, classIndex, confidence }) => ({
    class: label,
    class_index: classIndex,
    confidence,
  }));
}

/** A prediction as JSON of this API. */
export function toAnswer(
  prediction: Prediction,
  fileName: string | null,
  requestId: string,
): PredictionAnswer {
  const { version, probabilities, topK } = prediction;
  return {
    predicted_class: prediction.label,
    predicted_class_index: prediction.classIndex,
    confidence: prediction.confidence,
    prediction_time_ms: prediction.predictionMs,
    timestamp: prediction.answeredAt.toISOString(),
    all_probabilities: nameProbabilities(probabilities, version.manifest.labels),
    ...(topK !== undefined && { top_k: rankedClasses(topK) }),
    file_name: fileName,
    model: version.model,
    model_version: version.version,
    request_id: requestId,
    prediction_id: prediction.id,
  };
}
