import { z } from 'zod';

/** A prediction in API responses, and one line of an export. */
export const storedPredictionSchema = z.strictObject({
  id: z.string(),
  timestamp: z.string(),
  request_id: z.string().nullable(),
  model: z.string().nullable(),
  version: z.int().nullable(),
  predicted_class: z.string().nullable(),
  predicted_class_index: z.int().nullable(),
  confidence: z.number().nullable(),
  margin: z
    .number()
    .nullable()
    .describe(
      'How clear the answer was: the highest probability minus the second; of several labels the least distance of a probability to its threshold. Null unless the image was kept.',
    ),
  entropy: z
    .number()
    .nullable()
    .describe(
      'Entropy of all probabilities, 0 (sure) to 1 (all classes alike); of several labels the mean over the labels. Null unless the image was kept.',
    ),
  distance: z
    .number()
    .nullable()
    .describe(
      'How unusual the image is: 0 is the median of the training images, and 5 % of them exceed 1. Null unless the image was kept and a head answered that shares its network.',
    ),
  /** Only the most probable classes when a model has more than 64. */
  all_probabilities: z.record(z.string(), z.number()).nullable(),
  prediction_time_ms: z.number().nullable(),
  queue_ms: z.number().nullable(),
  decode_ms: z.number().nullable(),
  inference_ms: z.number().nullable(),
  source: z.string(),
  image_sha256: z.string().nullable(),
  image_width: z.int().nullable(),
  image_height: z.int().nullable(),
  image_format: z.string().nullable(),
  client_hash: z.string().nullable(),
  error_code: z.string().nullable(),
  /** The true label given by feedback. */
  feedback_label: z.string().nullable(),
  /** For a shadow's answer, the id of the returned prediction. */
  shadow_of: z.string().nullable(),
  labels: z
    .array(
      z.strictObject({
        class: z.string(),
        class_index: z.int(),
        /** Null where the probability was not stored. */
        confidence: z.number().nullable(),
      }),
    )
    .optional()
    .describe(
      'The labels that reached their threshold, likeliest first. Only in answers of models of several labels.',
    ),
  feedback_labels: z
    .array(z.string())
    .nullable()
    .optional()
    .describe('The true labels given by feedback. Only in answers of models of several labels.'),
});

export type StoredPrediction = z.infer<typeof storedPredictionSchema>;
