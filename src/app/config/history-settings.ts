import { choice, flag, integer, secret } from './setting.js';

const MEBIBYTE = 1024 * 1024;

/** Past predictions. */
export const history = {
  url: secret('FOVEA_HISTORY_URL', {
    accepts: '`postgres://` address',
    fallback: '',
    fallbackText: 'the SQLite file of `FOVEA_HISTORY_PATH`',
    meaning:
      'PostgreSQL 13 or later that holds the history, in the schema `fovea`; servers with the same address share it.',
  }),
  connectTimeoutMs: integer('FOVEA_HISTORY_CONNECT_TIMEOUT_MS', {
    fallback: 5000,
    min: 10,
    max: 600_000,
    unit: 'ms',
    meaning: 'Time to connect to PostgreSQL.',
  }),
  rolloutPollMs: integer('FOVEA_ROLLOUT_POLL_MS', {
    fallback: 2000,
    min: 0,
    max: 3_600_000,
    unit: 'ms',
    meaning:
      'With `FOVEA_HISTORY_URL`, servers share active versions and traffic: each looks this often whether another one changed them. 0: each server has its own.',
  }),
  queryTimeoutMs: integer('FOVEA_HISTORY_QUERY_TIMEOUT_MS', {
    fallback: 30_000,
    min: 10,
    max: 3_600_000,
    unit: 'ms',
    meaning: 'Time of a transaction in PostgreSQL; a search that takes longer fails with 503.',
  }),
  durability: choice('FOVEA_HISTORY_DURABILITY', {
    of: ['relaxed', 'strict'],
    fallback: 'relaxed',
    meaning:
      '`strict` answers a prediction after its row is on disk; `relaxed` answers before, and a crash may lose the newest rows.',
  }),
  maxQueuedRows: integer('FOVEA_HISTORY_MAX_QUEUE_ROWS', {
    fallback: 16_384,
    min: 1,
    max: 1_000_000,
    unit: 'rows',
    meaning:
      'Rows that may wait to be written; further rows are dropped and counted, or get 503 if `strict`.',
  }),
  maxRows: integer('FOVEA_HISTORY_MAX_ROWS', {
    fallback: 10_000_000,
    min: 0,
    max: 1_000_000_000,
    unit: 'rows',
    meaning: 'Newest predictions to keep; 0 keeps all. Statistics still count deleted ones.',
  }),
  maxAgeDays: integer('FOVEA_HISTORY_MAX_AGE_DAYS', {
    fallback: 0,
    min: 0,
    max: 36_500,
    unit: 'days',
    meaning: 'Age at which predictions and kept images are deleted; 0 for no limit.',
  }),
  storedClasses: integer('FOVEA_HISTORY_CLASSES', {
    fallback: 5,
    min: 1,
    max: 65_535,
    unit: 'classes',
    meaning:
      'Most probable classes stored of each prediction of a model with more than 64 classes; an answer with a larger `top_k` stores those, and an answer of several labels stores its labels, up to 1000.',
  }),
  keepsImages: flag('FOVEA_KEEP_IMAGES', {
    fallback: false,
    meaning: 'Keeps predicted images below `FOVEA_STATE_DIR`, named by their SHA-256.',
  }),
  maxImageBytes: integer('FOVEA_KEPT_IMAGES_MAX_BYTES', {
    fallback: 1024 * MEBIBYTE,
    min: MEBIBYTE,
    max: 1024 * 1024 * MEBIBYTE,
    unit: 'bytes',
    meaning: 'Disk space for kept images; beyond it the oldest are deleted.',
  }),
};
