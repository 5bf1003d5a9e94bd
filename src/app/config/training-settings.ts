import { choice, integer, text } from './setting.js';

const MEBIBYTE = 1024 * 1024;

/** Retraining, and what every training may take. */
export const training = {
  data: text('FOVEA_TRAINING_DATA', {
    accepts: 'folder, archive, or `cifar10`',
    fallback: 'cifar10',
    meaning: 'What `POST /api/retrain` trains on, laid out as for `fovea train --data`.',
  }),
  defaultEpochs: integer('FOVEA_RETRAINING_EPOCHS', {
    aliases: ['RETRAINING_EPOCHS', 'DEFAULT_EPOCHS'],
    fallback: 15,
    min: 1,
    max: 10_000,
    meaning: 'Epochs of a retraining that names none.',
  }),
  defaultBatchSize: integer('FOVEA_RETRAINING_BATCH_SIZE', {
    aliases: ['RETRAINING_BATCH_SIZE', 'DEFAULT_BATCH_SIZE'],
    fallback: 64,
    min: 1,
    max: 4096,
    unit: 'images',
    meaning: 'Images per step of a retraining that names none.',
  }),
  defaultMicroBatchSize: integer('FOVEA_RETRAINING_MICRO_BATCH_SIZE', {
    fallback: 16,
    min: 1,
    max: 4096,
    unit: 'images',
    meaning: 'Images of a retraining whose gradients are worked out at once; fewer take less memory.',
  }),
  maxMemoryBytes: integer('FOVEA_TRAINING_MAX_MEMORY_BYTES', {
    fallback: 0,
    min: 0,
    max: 1024 * 1024 * MEBIBYTE,
    unit: 'bytes',
    meaning:
      'Anonymous memory of a training process, which fails beyond it; 0 for no limit but that of its cgroup.',
  }),
  afterRestart: choice('FOVEA_RETRAINING_AFTER_RESTART', {
    of: ['resume', 'interrupt'],
    fallback: 'resume',
    meaning: 'What becomes of a retraining that ran when the server ended.',
  }),
};
