import { integer } from './setting.js';

/** Evaluations. */
export const evaluation = {
  timeoutMs: integer('FOVEA_EVALUATION_TIMEOUT_MS', {
    fallback: 600_000,
    min: 100,
    max: 86_400_000,
    unit: 'ms',
    meaning:
      'Longest run of one evaluation (`POST /api/model/evaluate`); a client that waits for it then gets 504.',
  }),
};
