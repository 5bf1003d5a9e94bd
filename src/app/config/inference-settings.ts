import { availableParallelism } from 'node:os';
import { DEVICES, PRECISIONS } from '../../models/engines/engine.js';
import { ENGINE_NAMES, PROVIDERS } from '../../models/engines/providers.js';
import { choice, decimal, flag, integer } from './setting.js';

/** The steps of one image are too small for more. */
const MOST_USEFUL_THREADS = 16;

/** As "`wasm` computes in `float32`". */
function precisionsByEngine(): string {
  return PROVIDERS.map(({ name, precisions }) => {
    return `\`${name}\` computes in ${precisions.map((precision) => `\`${precision}\``).join(', ')}`;
  }).join('; ');
}

/** What executes models, and how images are batched. */
export const inference = {
  engine: choice('FOVEA_ENGINE', {
    of: ['auto', ...ENGINE_NAMES],
    fallback: 'auto',
    meaning: 'The engine; `auto` takes the fastest engine that runs here and reports why faster ones do not.',
  }),
  precision: choice('FOVEA_PRECISION', {
    of: ['auto', ...PRECISIONS],
    fallback: 'auto',
    meaning: `Number format; \`auto\` measures the formats that the CPU has and takes the fastest. ${precisionsByEngine()}.`,
  }),
  maxInt8LossPoints: decimal('FOVEA_INT8_MAX_LOSS_POINTS', {
    fallback: 0.1,
    min: 0,
    max: 100,
    unit: 'percentage points',
    meaning:
      'Largest loss of accuracy on validation images with which `FOVEA_PRECISION=auto` may take `int8`; a version whose calibration does not say its loss never gets `int8` by `auto`.',
  }),
  device: choice('FOVEA_DEVICE', {
    of: ['auto', ...DEVICES],
    fallback: 'auto',
    meaning: 'Device; `cuda` fails without a usable GPU. `CUDA_VISIBLE_DEVICES` chooses the GPU.',
  }),
  cores: integer('FOVEA_CORES', {
    fallback: availableParallelism(),
    fallbackText: 'number of cores',
    min: 1,
    max: 4096,
    unit: 'cores',
    meaning: 'Cores that the instances on the CPU divide between them.',
  }),
  instances: integer('FOVEA_INSTANCES', {
    fallback: availableParallelism(),
    fallbackText: '`FOVEA_CORES`; 2 on a GPU',
    min: 1,
    max: 256,
    meaning: 'Model instances, each in its own thread.',
  }),
  maxBatchThreads: integer('FOVEA_MAX_BATCH_THREADS', {
    fallback: Math.min(availableParallelism(), MOST_USEFUL_THREADS),
    fallbackText: `number of cores, at most ${MOST_USEFUL_THREADS}`,
    min: 1,
    max: 1024,
    meaning:
      'Most threads of a batch on the native engine while no other batch runs; it uses them where that is faster. Beside other batches, the instances divide the cores between them.',
  }),
  sharesTrunks: flag('FOVEA_SHARE_TRUNKS', {
    fallback: true,
    meaning:
      'Whether heads that were learned on one network share its instances and batches, on the native engine. A head with more than 131072 weights has instances of its own.',
  }),
  maxBatchSize: integer('FOVEA_MAX_BATCH_SIZE', {
    fallback: 64,
    fallbackText: '`64`; `256` on a GPU',
    min: 1,
    max: 4096,
    unit: 'images',
    meaning: 'Most images in one batch.',
  }),
  maxQueueDelayMs: decimal('FOVEA_MAX_QUEUE_DELAY_MS', {
    fallback: 2,
    min: 0,
    max: 10_000,
    unit: 'ms',
    meaning: 'Longest wait of an incomplete batch for more images while all instances are busy.',
  }),
  maxQueueRows: integer('FOVEA_MAX_QUEUE_ROWS', {
    fallback: 4096,
    min: 1,
    max: 1_000_000,
    unit: 'images',
    meaning: 'Decoded images that may wait for an instance; further ones get 503.',
  }),
};
