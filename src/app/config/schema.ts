import { availableParallelism } from 'node:os';
import { drift } from './drift-settings.js';
import { evaluation } from './evaluation-settings.js';
import { inference } from './inference-settings.js';
import { limits } from './limit-settings.js';
import { choice, flag, integer, type Setting, text } from './setting.js';
import { training } from './training-settings.js';
import { uploads } from './upload-settings.js';

const MEBIBYTE = 1024 * 1024;

const http = {
  host: text('FOVEA_HOST', {
    aliases: ['HOST'],
    accepts: 'address or host name',
    fallback: '0.0.0.0',
    meaning: 'Where the server listens; `127.0.0.1` for this machine only.',
  }),
  port: integer('FOVEA_PORT', {
    aliases: ['PORT'],
    fallback: 5000,
    min: 0,
    max: 65_535,
    meaning: 'The port; 0 takes any free one and logs it.',
  }),
  maxBodyBytes: integer('FOVEA_MAX_BODY_BYTES', {
    aliases: ['MAX_CONTENT_LENGTH'],
    fallback: 16 * MEBIBYTE,
    min: 1024,
    max: 1024 * MEBIBYTE,
    unit: 'bytes',
    meaning: 'Largest request body; larger ones are answered with 413.',
  }),
  maxBufferedBytes: integer('FOVEA_MAX_BUFFERED_BYTES', {
    fallback: 512 * MEBIBYTE,
    min: 1024,
    max: 1024 * 1024 * MEBIBYTE,
    unit: 'bytes',
    meaning: 'Memory for the bodies of all running requests together; beyond it: 503.',
  }),
  maxRequestsInFlight: integer('FOVEA_MAX_REQUESTS_IN_FLIGHT', {
    fallback: 2048,
    min: 1,
    max: 1_000_000,
    unit: 'requests',
    meaning:
      'Prediction requests inside the server at once; more are answered with 503 before their body is read.',
  }),
  maxBatchImages: integer('FOVEA_MAX_BATCH_IMAGES', {
    fallback: 256,
    min: 1,
    max: 10_000,
    unit: 'images',
    meaning: 'Images that one batch request may hold.',
  }),
  requestTimeoutMs: integer('FOVEA_REQUEST_TIMEOUT_MS', {
    fallback: 10_000,
    min: 1,
    max: 3_600_000,
    unit: 'ms',
    meaning: 'Deadline of a prediction, counted from its first byte; then 504.',
  }),
  drainTimeoutMs: integer('FOVEA_DRAIN_TIMEOUT_MS', {
    fallback: 25_000,
    min: 0,
    max: 3_600_000,
    unit: 'ms',
    meaning: 'How long running requests may take to finish after SIGTERM.',
  }),
  closeTimeoutMs: integer('FOVEA_CLOSE_TIMEOUT_MS', {
    fallback: 5000,
    min: 1,
    max: 3_600_000,
    unit: 'ms',
    meaning: 'How long each part of the server may take to end; the log names a part that takes longer.',
  }),
  tlsCert: text('FOVEA_TLS_CERT', {
    accepts: 'PEM file',
    fallback: '',
    fallbackText: 'plain HTTP',
    meaning: 'Certificate with its chain: serves HTTPS. With `FOVEA_TLS_KEY`.',
  }),
  tlsKey: text('FOVEA_TLS_KEY', {
    accepts: 'PEM file',
    fallback: '',
    fallbackText: 'plain HTTP',
    meaning: 'The certificate’s private key.',
  }),
  corsOrigins: text('FOVEA_CORS_ORIGINS', {
    accepts: 'origins, separated by commas, or `*`',
    fallback: '',
    fallbackText: 'none',
    meaning: 'Sites whose pages may read answers, such as `https://app.example`.',
  }),
  trustedProxies: text('FOVEA_TRUSTED_PROXIES', {
    accepts: 'addresses and networks, separated by commas',
    fallback: '',
    fallbackText: 'none',
    meaning: 'Proxies whose X-Forwarded-For is believed, such as `10.0.0.0/8`; it tells clients apart.',
  }),
};

const images = {
  maxInputPixels: integer('FOVEA_MAX_INPUT_PIXELS', {
    fallback: 50_000_000,
    min: 1024,
    max: 1_000_000_000,
    unit: 'pixels',
    meaning: 'Width × height of an image; larger ones are answered with 413.',
  }),
  decodeConcurrency: integer('FOVEA_DECODE_CONCURRENCY', {
    fallback: availableParallelism(),
    fallbackText: 'number of cores',
    min: 1,
    max: 1024,
    unit: 'images',
    meaning: 'Images decoded at once; no more than `UV_THREADPOOL_SIZE` of them really run.',
  }),
  maxQueuedImages: integer('FOVEA_MAX_DECODE_QUEUE_IMAGES', {
    fallback: 4096,
    min: 1,
    max: 1_000_000,
    unit: 'images',
    meaning: 'Images that wait to be decoded; beyond it: 503.',
  }),
};

const repository = {
  modelsDir: text('FOVEA_MODELS_DIR', {
    aliases: ['MODEL_DIR'],
    accepts: 'folder',
    fallback: 'models',
    meaning:
      'The model repository: `<model>/<version>/`, `<version>/`, or one version’s files. May be read-only.',
  }),
  isReadOnly: flag('FOVEA_MODELS_READ_ONLY', {
    fallback: false,
    meaning:
      'Writes new versions to `FOVEA_STATE_DIR/models` even where the repository could be written; they are served beside its own.',
  }),
  model: text('FOVEA_MODEL', {
    accepts: 'name',
    fallback: '',
    fallbackText: 'the repository’s first model that can be served',
    meaning: 'The model that answers requests which name none; the others are loaded when one names them.',
  }),
};

const storage = {
  stateDir: text('FOVEA_STATE_DIR', {
    accepts: 'folder',
    fallback: 'state',
    meaning: 'Everything that changes while serving.',
  }),
  cacheDir: text('FOVEA_CACHE_DIR', {
    accepts: 'folder',
    fallback: '',
    fallbackText: '`~/.cache/fovea`',
    meaning: 'What can be fetched or built again; shared by clones.',
  }),
  historyPath: text('FOVEA_HISTORY_PATH', {
    accepts: 'file; relative to `FOVEA_STATE_DIR`',
    fallback: 'history.db',
    meaning:
      'The SQLite file of past predictions; on a local disk, for its write-ahead log does not work on NFS or SMB.',
  }),
  libtensorflowDir: text('FOVEA_LIBTENSORFLOW_DIR', {
    accepts: 'folder',
    fallback: '',
    fallbackText: 'what set-up finds',
    meaning: 'A libtensorflow to build against, with `lib/` and `include/`; read by set-up.',
  }),
};

const history = {
  durability: choice('FOVEA_HISTORY_DURABILITY', {
    of: ['relaxed', 'strict'],
    fallback: 'relaxed',
    meaning:
      '`strict` answers a prediction only after its row is on disk; `relaxed` may lose the last moments in a crash.',
  }),
  maxQueuedRows: integer('FOVEA_HISTORY_MAX_QUEUE_ROWS', {
    fallback: 16_384,
    min: 1,
    max: 1_000_000,
    unit: 'rows',
    meaning:
      'Rows on their way to the history; beyond it they are dropped and counted, or answered with 503 where `strict`.',
  }),
  maxRows: integer('FOVEA_HISTORY_MAX_ROWS', {
    fallback: 10_000_000,
    min: 0,
    max: 1_000_000_000,
    unit: 'rows',
    meaning: 'Predictions that are kept, the newest; 0 for all. Statistics count deleted ones still.',
  }),
  maxAgeDays: integer('FOVEA_HISTORY_MAX_AGE_DAYS', {
    fallback: 0,
    min: 0,
    max: 36_500,
    unit: 'days',
    meaning: 'How long predictions and kept images stay; 0 for no limit of age.',
  }),
  keepsImages: flag('FOVEA_KEEP_IMAGES', {
    fallback: false,
    meaning: 'Keeps the images themselves, below `FOVEA_STATE_DIR`, by their SHA-256.',
  }),
  maxImageBytes: integer('FOVEA_KEPT_IMAGES_MAX_BYTES', {
    fallback: 1024 * MEBIBYTE,
    min: MEBIBYTE,
    max: 1024 * 1024 * MEBIBYTE,
    unit: 'bytes',
    meaning: 'Disk space for kept images; the oldest make room for new ones.',
  }),
};

const log = {
  level: choice('FOVEA_LOG_LEVEL', {
    aliases: ['LOG_LEVEL'],
    of: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    synonyms: { warning: 'warn', critical: 'fatal' },
    fallback: 'info',
    meaning: 'What is logged; `debug` adds one line a request.',
  }),
};

/** Every setting, by the part that is given it. */
export const SETTINGS = {
  http,
  limits,
  images,
  repository,
  storage,
  history,
  drift,
  training,
  uploads,
  evaluation,
  inference,
  log,
};

type Values<Section> = {
  readonly [Key in keyof Section]: Section[Key] extends Setting<infer T> ? T : never;
};

/** What the environment said, checked; frozen. */
export type Config = { readonly [Section in keyof typeof SETTINGS]: Values<(typeof SETTINGS)[Section]> };
