import { z } from 'zod';
import type { Ask } from '../../../serving/predictions.js';

export const predictQuerySchema = z.object({
  top_k: z.int().min(1).max(1000).optional().describe('Adds `top_k`: this many classes, likeliest first.'),
  min_confidence: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Omits less likely classes from `all_probabilities`, `top_k` and `labels`.'),
  model: z
    .string()
    .min(1)
    .optional()
    .describe('Model; default: the default model. The first request for a model loads it.'),
  version: z
    .int()
    .min(1)
    .optional()
    .describe(
      'A version in service: active, in the traffic split, or shadow. Default: chosen by the traffic split.',
    ),
});

export type PredictQuery = z.infer<typeof predictQuerySchema>;

export function askOf({ top_k: topK, model, version }: PredictQuery, source: Ask['source']): Ask {
  return { topK, model, version, source };
}
