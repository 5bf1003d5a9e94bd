import { decimal, integer, secret } from './setting.js';

/** When live predictions count as drifted from the validation images. */
export const drift = {
  checkIntervalMs: integer('FOVEA_DRIFT_CHECK_INTERVAL_MS', {
    fallback: 60_000,
    min: 0,
    max: 86_400_000,
    unit: 'ms',
    meaning: 'Interval of drift checks for metrics and webhook; 0 turns them off.',
  }),
  samplesPerSecond: integer('FOVEA_DRIFT_SAMPLES_PER_SECOND', {
    fallback: 100,
    min: 0,
    max: 1_000_000,
    unit: 'images',
    meaning: 'Images per second, at most, whose brightness, contrast, saturation and sharpness are measured.',
  }),
  minSamples: integer('FOVEA_DRIFT_MIN_SAMPLES', {
    fallback: 500,
    min: 1,
    max: 1_000_000_000,
    unit: 'images',
    meaning: 'Fewest images for a drift state; with fewer, noise looks like drift.',
  }),
  warningAt: decimal('FOVEA_DRIFT_WARNING', {
    fallback: 0.1,
    min: 0,
    max: 100,
    meaning: 'Population stability index at which the state becomes `warning`.',
  }),
  driftedAt: decimal('FOVEA_DRIFT_DRIFTED', {
    fallback: 0.25,
    min: 0,
    max: 100,
    meaning: 'Population stability index at which the state becomes `drifted`.',
  }),
  webhookUrl: secret('FOVEA_DRIFT_WEBHOOK_URL', {
    accepts: '`http://` or `https://` address',
    fallback: '',
    fallbackText: 'no webhook',
    meaning: 'Receives a POST when the drift state changes.',
  }),
  webhookSecret: secret('FOVEA_DRIFT_WEBHOOK_SECRET', {
    accepts: 'text',
    fallback: '',
    fallbackText: 'not signed',
    meaning: 'Signs the webhook’s body: `X-Fovea-Signature: sha256=<HMAC of the body>`.',
  }),
};
