import { availableParallelism } from 'node:os';
import { drift } from './drift-settings.js';
import { evaluation } from './evaluation-settings.js';
import { history } from './history-settings.js';
import { http } from './http-settings.js';
import { imports } from './import-settings.js';
import { inference } from './inference-settings.js';
import { limits } from './limit-settings.js';
import { choice, flag, integer, type Setting, text } from './setting.js';
import { streams } from './stream-settings.js';
import { tracing } from './tracing-settings.js';
import { training } from './training-settings.js';
import { uploads } from './upload-settings.js';

const MEBIBYTE = 1024 * 1024;

const images = {
  maxInputPixels: integer('FOVEA_MAX_INPUT_PIXELS', {
    fallback: 50_000_000,
    min: 1024,
    max: 1_000_000_000,
    unit: 'pixels',
    meaning: 'Largest width × height of an image; larger images get 413.',
  }),
  decodeConcurrency: integer('FOVEA_DECODE_CONCURRENCY', {
    fallback: availableParallelism(),
    fallbackText: 'number of cores',
    min: 1,
    max: 1024,
    unit: 'images',
    meaning:
      'Images decoded at once, beside up to two of more than 16 megapixels; at most `UV_THREADPOOL_SIZE` run in parallel.',
  }),
  maxQueuedImages: integer('FOVEA_MAX_DECODE_QUEUE_IMAGES', {
    fallback: 4096,
    min: 1,
    max: 1_000_000,
    unit: 'images',
    meaning: 'Images that may wait to be decoded; further ones get 503.',
  }),
  inlineMsPerTurn: integer('FOVEA_INLINE_DECODE_MS', {
    fallback: 2,
    min: 1,
    max: 1000,
    unit: 'ms',
    meaning:
      'Time of each event-loop turn for decoding small JPEG files of the model’s size that instances do not decode, such as progressive ones; further files wait for the next turn.',
  }),
};

const repository = {
  modelsDir: text('FOVEA_MODELS_DIR', {
    aliases: ['MODEL_DIR'],
    accepts: 'folder',
    fallback: 'models',
    meaning:
      'Model repository: `<model>/<version>/`, `<version>/`, or the files of one version. May be read-only.',
  }),
  isReadOnly: flag('FOVEA_MODELS_READ_ONLY', {
    fallback: false,
    meaning:
      'Writes new versions to `FOVEA_STATE_DIR/models` even if the repository is writable; both folders are served.',
  }),
  pollMs: integer('FOVEA_MODELS_POLL_MS', {
    fallback: 0,
    min: 0,
    max: 86_400_000,
    unit: 'ms',
    meaning:
      'How often the repository is looked at for new models and versions, as a training on another machine writes them. A model of which nobody activated a version then serves its highest accepted one; `fovea train` and `fovea import` write accepted versions. 0: only at `POST /api/models/rescan` and at a start, because a version would answer that nobody asked for.',
  }),
  model: text('FOVEA_MODEL', {
    accepts: 'name',
    fallback: '',
    fallbackText: 'the first model of the repository that loads',
    meaning:
      'Default model: it answers requests without `model`. Other models load when a request names them.',
  }),
  modelAlias: text('FOVEA_MODEL_ALIAS', {
    accepts: 'name',
    fallback: '',
    fallbackText: 'none',
    meaning:
      'Second name of the default model in requests, such as that of a KServe InferenceService. A model of this name wins.',
  }),
};

const storage = {
  stateDir: text('FOVEA_STATE_DIR', {
    accepts: 'folder',
    fallback: 'state',
    meaning: 'Folder of all data that the server writes: history, keys, uploads, trained versions.',
  }),
  minFreeBytes: integer('FOVEA_MIN_FREE_DISK_BYTES', {
    fallback: MEBIBYTE,
    min: 0,
    max: 1024 * 1024 * MEBIBYTE,
    unit: 'bytes',
    meaning:
      'With less room on the disk of `FOVEA_STATE_DIR`, health shows `state` as degraded, and trainings, evaluations and uploads get 507.',
  }),
  cacheDir: text('FOVEA_CACHE_DIR', {
    accepts: 'folder',
    fallback: '',
    fallbackText: '`~/.cache/fovea`',
    meaning: 'Downloads and builds; safe to delete, shared by several checkouts.',
  }),
  historyPath: text('FOVEA_HISTORY_PATH', {
    accepts: 'file; relative to `FOVEA_STATE_DIR`',
    fallback: 'history.db',
    meaning:
      'SQLite file of past predictions. It must lie on a local disk: write-ahead logs do not work on NFS or SMB.',
  }),
  libtensorflowDir: text('FOVEA_LIBTENSORFLOW_DIR', {
    accepts: 'folder',
    fallback: '',
    fallbackText: 'what set-up finds',
    meaning: 'A libtensorflow with `lib/` and `include/` to build against; read by set-up.',
  }),
};

const supervision = {
  processes: integer('FOVEA_PROCESSES', {
    fallback: 0,
    min: 0,
    max: 64,
    unit: 'processes',
    meaning:
      'Servers that a supervisor runs in child processes and starts again after a crash; 0 leaves that to an orchestrator. Several need `FOVEA_HISTORY_URL`: they share `FOVEA_PORT`, and number n has the port `FOVEA_PORT` + n, a GPU and a part of the cores for itself.',
  }),
};

const log = {
  level: choice('FOVEA_LOG_LEVEL', {
    aliases: ['LOG_LEVEL'],
    of: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    synonyms: { warning: 'warn', critical: 'fatal' },
    fallback: 'info',
    meaning: 'Lowest level that is logged; `debug` adds a line for each request.',
  }),
};

/** Every setting, by the part of the server that receives it. */
export const SETTINGS = {
  http,
  streams,
  limits,
  images,
  repository,
  storage,
  history,
  drift,
  training,
  uploads,
  imports,
  evaluation,
  inference,
  supervision,
  log,
  tracing,
};

type Values<Section> = {
  readonly [Key in keyof Section]: Section[Key] extends Setting<infer T> ? T : never;
};

/** The checked settings; frozen. */
export type Config = { readonly [Section in keyof typeof SETTINGS]: Values<(typeof SETTINGS)[Section]> };
