import { availableParallelism } from 'node:os';
import { DEVICES, PRECISIONS } from '../../models/engines/engine.js';
import { ENGINE_NAMES, PROVIDERS } from '../../models/engines/providers.js';
import { choice, decimal, integer } from './setting.js';

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
    meaning:
      'What executes the model; `auto` takes the fastest that runs here and reports why others do not.',
  }),
  precision: choice('FOVEA_PRECISION', {
    of: ['auto', ...PRECISIONS],
    fallback: 'auto',
    meaning: `What it computes in; \`auto\` is \`bfloat16\` on CPUs that have it, else \`float32\`. ${precisionsByEngine()}.`,
  }),
  device: choice('FOVEA_DEVICE', {
    of: ['auto', ...DEVICES],
    fallback: 'auto',
    meaning:
      'Where it executes; `cuda` fails where there is no usable GPU. Which card: `CUDA_VISIBLE_DEVICES`.',
  }),
  instances: integer('FOVEA_INSTANCES', {
    fallback: availableParallelism(),
    fallbackText: 'number of cores; 2 on a GPU',
    min: 1,
    max: 256,
    meaning: 'Loaded copies of the model, each in a thread of its own.',
  }),
  maxBatchSize: integer('FOVEA_MAX_BATCH_SIZE', {
    fallback: 64,
    fallbackText: '`64`; `256` on a GPU',
    min: 1,
    max: 4096,
    unit: 'images',
    meaning: 'Images that run through the model together.',
  }),
  maxQueueDelayMs: decimal('FOVEA_MAX_QUEUE_DELAY_MS', {
    fallback: 2,
    min: 0,
    max: 10_000,
    unit: 'ms',
    meaning: 'How long an incomplete batch may wait for more images while all instances are busy.',
  }),
  maxQueueRows: integer('FOVEA_MAX_QUEUE_ROWS', {
    fallback: 4096,
    min: 1,
    max: 1_000_000,
    unit: 'images',
    meaning: 'Decoded images that wait for an instance; beyond it: 503.',
  }),
};
