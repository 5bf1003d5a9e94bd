import { z } from 'zod';

/** Predictions of like confidence: how sure the model was, and how often right. */
export const reliabilityBinSchema = z.object({
  /** More than this, at most the next bin's. */
  from: z.number(),
  images: z.int().nonnegative(),
  /** Mean; null without images, as the next. */
  confidence: z.number().nullable(),
  accuracy: z.number().nullable(),
});

export type ReliabilityBin = z.infer<typeof reliabilityBinSchema>;
