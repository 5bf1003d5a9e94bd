import { z } from 'zod';
import type { ModelVersion } from '../../models/repository/model-version.js';
import { type KeptPredictionsParts, pageOfKept } from '../history/kept-predictions.js';
import { driftReportSchema } from './drift.js';

const IMAGES = 6;

const unusualImageSchema = z.strictObject({
  prediction_id: z.string(),
  timestamp: z.string(),
  predicted_class: z.string().nullable(),
  confidence: z.number().nullable(),
  distance: z.number().nullable(),
});

/** A drift report, and images to look at. */
export const driftAnswerSchema = driftReportSchema.extend({
  unusual_images: z
    .array(unusualImageSchema)
    .describe(
      `The kept images since \`from\` whose features are the farthest from those of the training images, at most ${IMAGES}. Empty where no images are kept, or the version is no head with \`trunk.distance\`.`,
    ),
});

export type DriftAnswer = z.infer<typeof driftAnswerSchema>;

/** The most unusual kept images of a version since a time.
 * @throws FoveaError `history_failed`, `overloaded` */
export async function unusualImagesOf(
  parts: KeptPredictionsParts,
  { model, version, manifest }: ModelVersion,
  from: string,
): Promise<DriftAnswer['unusual_images']> {
  if (parts.keptImages === undefined || manifest.trunk?.distance === undefined) return [];
  const query = { model, version, from, sort: 'distance', limit: IMAGES } as const;
  const { predictions } = await pageOfKept(parts, query);
  return predictions.map(({ id, timestamp, predicted_class, confidence, distance }) => ({
    prediction_id: id,
    timestamp,
    predicted_class,
    confidence,
    distance,
  }));
}
