import { z } from 'zod';

/** How a model runs on one engine. `peers.py` prints the same. */
export const measuredSchema = z.object({
  /** Probabilities or logits of each photograph. */
  answers: z.array(z.array(z.number())),
  imagesPerSecond: z.number(),
  /** Median. */
  latencyMs: z.number(),
  /** Anonymous memory of the whole process. */
  memoryBytes: z.number(),
});

export type Measured = z.infer<typeof measuredSchema>;
