import { choice, flag, rate, text } from './setting.js';

/** What one client may ask for. */
export const limits = {
  isEnabled: flag('FOVEA_RATE_LIMIT_ENABLED', {
    aliases: ['RATE_LIMIT_ENABLED'],
    fallback: true,
    meaning: 'Limits what one client (an API key, else an address) may ask for.',
  }),
  preset: choice('FOVEA_RATE_LIMIT_PRESET', {
    of: ['production', 'legacy'],
    fallback: 'production',
    meaning:
      '`legacy` restores the limits of the service that Fovea replaces, whatever the rates below: 30 predictions and 10 batches a minute.',
  }),
  predict: rate('FOVEA_RATE_LIMIT_PREDICT', {
    fallback: '300000/min',
    meaning: 'Images that one client may have classified, in batches too.',
  }),
  batch: rate('FOVEA_RATE_LIMIT_BATCH', {
    fallback: 'off',
    meaning: 'Batch requests of one client; where it is set, the images in them are not counted.',
  }),
  read: rate('FOVEA_RATE_LIMIT_READ', {
    fallback: '6000/min',
    meaning: 'Requests of one client for statistics, past predictions and their export.',
  }),
  evaluate: rate('FOVEA_RATE_LIMIT_EVALUATE', {
    fallback: '5/h',
    meaning: 'Evaluations that one client may start.',
  }),
  upload: rate('FOVEA_RATE_LIMIT_UPLOAD', {
    fallback: '5/h',
    meaning: 'Uploads of training data that one client may send.',
  }),
  redisUrl: text('FOVEA_REDIS_URL', {
    accepts: '`redis://` or `rediss://` address',
    fallback: '',
    fallbackText: 'counts stay in this process',
    meaning: 'Shares the counts between servers; while Redis is away each counts alone.',
  }),
};
