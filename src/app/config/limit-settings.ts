import { choice, flag, rate, secret } from './setting.js';

/** Rate limits, each client (API key, else address) by itself. */
export const limits = {
  isEnabled: flag('FOVEA_RATE_LIMIT_ENABLED', {
    aliases: ['RATE_LIMIT_ENABLED'],
    fallback: true,
    meaning: 'Limits each client (its API key, else its address) by the rates below.',
  }),
  preset: choice('FOVEA_RATE_LIMIT_PRESET', {
    of: ['production', 'legacy'],
    fallback: 'production',
    meaning:
      '`legacy` replaces the rates below by those of the old service: 30 predictions and 10 batches a minute.',
  }),
  predict: rate('FOVEA_RATE_LIMIT_PREDICT', {
    fallback: '300000/min',
    meaning: 'Images of one client, those of batch requests included.',
  }),
  batch: rate('FOVEA_RATE_LIMIT_BATCH', {
    fallback: 'off',
    meaning: 'Batch requests of one client; when it is set, their images are not counted as predictions.',
  }),
  read: rate('FOVEA_RATE_LIMIT_READ', {
    fallback: '6000/min',
    meaning:
      'Requests of one client that read: models, statistics, past predictions, exports, trainings, evaluations.',
  }),
  evaluate: rate('FOVEA_RATE_LIMIT_EVALUATE', {
    fallback: '60/h',
    meaning: 'Evaluations that one client may start.',
  }),
  upload: rate('FOVEA_RATE_LIMIT_UPLOAD', {
    fallback: '60/h',
    meaning: 'Uploads of training data that one client may send.',
  }),
  redisUrl: secret('FOVEA_REDIS_URL', {
    accepts: '`redis://` or `rediss://` address',
    fallback: '',
    fallbackText: 'counts stay in this process',
    meaning: 'Shares the counts between servers; while Redis is unreachable, each server counts alone.',
  }),
};
