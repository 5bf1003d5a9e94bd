import { z } from 'zod';
import type { Ask } from '../../../serving/predictions.js';
import { queryInteger } from '../query.js';

export const predictQuerySchema = z.object({
  /** How many of the likeliest classes to list in order, besides all probabilities. */
  top_k: queryInteger.pipe(z.int().min(1).max(1000)).optional(),
  /** Which model; it is loaded when it is asked for first. */
  model: z.string().optional(),
  /** One of its versions in service: active, in the split, or shadow. */
  version: queryInteger.pipe(z.int().min(1)).optional(),
});

export function askOf(
  { top_k: topK, model, version }: z.infer<typeof predictQuerySchema>,
  source: Ask['source'],
): Ask {
  return { topK, model, version, source };
}
