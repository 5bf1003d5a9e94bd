import { z } from 'zod';

/** Predictions of similar confidence, with their mean confidence and accuracy. */
export const reliabilityBinSchema = z.object({
  /** Exclusive lower bound; the next bin's `from` is the inclusive upper bound. */
  from: z.number(),
  images: z.int().nonnegative(),
  /** Mean confidence; null without images, as is `accuracy`. */
  confidence: z.number().nullable(),
  accuracy: z.number().nullable(),
});

export type ReliabilityBin = z.infer<typeof reliabilityBinSchema>;
