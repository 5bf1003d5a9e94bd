import { decimal, integer, text } from './setting.js';

/** When what is asked of a model counts as other than what it was trained on. */
export const drift = {
  checkIntervalMs: integer('FOVEA_DRIFT_CHECK_INTERVAL_MS', {
    fallback: 60_000,
    min: 0,
    max: 86_400_000,
    unit: 'ms',
    meaning: 'Time between two looks at the last hour, for metrics and webhook; 0 for none.',
  }),
  samplesPerSecond: integer('FOVEA_DRIFT_SAMPLES_PER_SECOND', {
    fallback: 100,
    min: 0,
    max: 1_000_000,
    unit: 'images',
    meaning: 'Images of which brightness, contrast, saturation and sharpness are measured, at most.',
  }),
  minSamples: integer('FOVEA_DRIFT_MIN_SAMPLES', {
    fallback: 500,
    min: 1,
    max: 1_000_000_000,
    unit: 'images',
    meaning: 'Images that a verdict on drift takes; with few, chance looks like drift.',
  }),
  warningAt: decimal('FOVEA_DRIFT_WARNING', {
    fallback: 0.1,
    min: 0,
    max: 100,
    meaning: 'Population stability index from which on there is a warning.',
  }),
  driftedAt: decimal('FOVEA_DRIFT_DRIFTED', {
    fallback: 0.25,
    min: 0,
    max: 100,
    meaning: 'Population stability index from which on a model counts as drifted.',
  }),
  webhookUrl: text('FOVEA_DRIFT_WEBHOOK_URL', {
    accepts: '`http://` or `https://` address',
    fallback: '',
    fallbackText: 'nobody is told',
    meaning: 'Is told by POST when the state of drift changes.',
  }),
  webhookSecret: text('FOVEA_DRIFT_WEBHOOK_SECRET', {
    accepts: 'text',
    fallback: '',
    fallbackText: 'not signed',
    meaning: 'Signs what the webhook is told: `X-Fovea-Signature: sha256=<HMAC of the body>`.',
  }),
};
