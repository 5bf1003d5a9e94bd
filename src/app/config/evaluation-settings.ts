import { integer } from './setting.js';

/** Measuring versions beside serving. */
export const evaluation = {
  timeoutMs: integer('FOVEA_EVALUATION_TIMEOUT_MS', {
    fallback: 600_000,
    min: 100,
    max: 86_400_000,
    unit: 'ms',
    meaning:
      'Longest run of one evaluation (`POST /api/model/evaluate`); then it ends, with 504 for whoever waits.',
  }),
};
