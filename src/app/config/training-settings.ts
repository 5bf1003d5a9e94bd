import { choice, integer, text } from './setting.js';

const MEBIBYTE = 1024 * 1024;

/** Trainings that clients start. */
export const training = {
  data: text('FOVEA_TRAINING_DATA', {
    accepts: 'folder, archive, or `cifar10`',
    fallback: 'cifar10',
    meaning: 'Training data of `POST /api/retrain`, laid out as for `fovea train --data`.',
  }),
  dataModel: text('FOVEA_TRAINING_DATA_MODEL', {
    accepts: 'name of a model, or empty',
    fallback: '',
    meaning:
      'Model that `FOVEA_TRAINING_DATA` is for; others train on uploads. Empty: the shipped `cifar10-cnn` for `cifar10`, else the default model.',
  }),
  defaultEpochs: integer('FOVEA_RETRAINING_EPOCHS', {
    aliases: ['RETRAINING_EPOCHS', 'DEFAULT_EPOCHS'],
    fallback: 15,
    min: 1,
    max: 10_000,
    meaning: 'Epochs, unless the request names them.',
  }),
  defaultBatchSize: integer('FOVEA_RETRAINING_BATCH_SIZE', {
    aliases: ['RETRAINING_BATCH_SIZE', 'DEFAULT_BATCH_SIZE'],
    fallback: 64,
    min: 1,
    max: 4096,
    unit: 'images',
    meaning: 'Images per training step, unless the request names them.',
  }),
  defaultMicroBatchSize: integer('FOVEA_RETRAINING_MICRO_BATCH_SIZE', {
    fallback: 16,
    min: 1,
    max: 4096,
    unit: 'images',
    meaning: 'Images whose gradients are computed at once; fewer need less memory.',
  }),
  maxMemoryBytes: integer('FOVEA_TRAINING_MAX_MEMORY_BYTES', {
    fallback: 0,
    min: 0,
    max: 1024 * 1024 * MEBIBYTE,
    unit: 'bytes',
    meaning:
      'Anonymous memory of a training process; beyond it the training fails. 0: only the cgroup limits it.',
  }),
  featureCacheMaxBytes: integer('FOVEA_FEATURE_CACHE_MAX_BYTES', {
    fallback: 512 * MEBIBYTE,
    min: 0,
    max: 1024 * 1024 * MEBIBYTE,
    unit: 'bytes',
    meaning:
      'Features of training images that are kept below `FOVEA_CACHE_DIR` for the next training of a head. 0: none are kept.',
  }),
  afterRestart: choice('FOVEA_RETRAINING_AFTER_RESTART', {
    of: ['resume', 'interrupt'],
    fallback: 'resume',
    meaning:
      'At the next start: resumes a training that ran when the server ended, or marks it as interrupted.',
  }),
};
