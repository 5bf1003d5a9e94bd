import { IMPORT_LIMITS } from '../../models/importing/import-limits.js';
import { integer } from './setting.js';

const MOST = 1_000_000_000;

/** Models that `fovea import` and `POST /api/models/import` read. */
export const imports = {
  maxBytes: integer('FOVEA_IMPORT_MAX_BYTES', {
    fallback: IMPORT_LIMITS.maxBytes,
    min: 1024,
    max: 2 ** 40,
    unit: 'bytes',
    meaning: 'Largest model that can be imported, as it comes and unpacked; then 413.',
  }),
  maxFiles: integer('FOVEA_IMPORT_MAX_FILES', {
    fallback: IMPORT_LIMITS.maxFiles,
    min: 1,
    max: MOST,
    unit: 'files',
    meaning: 'Most files in a folder, archive or form that is imported.',
  }),
  maxRatio: integer('FOVEA_IMPORT_MAX_RATIO', {
    fallback: IMPORT_LIMITS.maxRatio,
    min: 1,
    max: MOST,
    meaning: 'Largest ratio of unpacked to packed size of an archive that is imported.',
  }),
  maxNodes: integer('FOVEA_IMPORT_MAX_NODES', {
    fallback: IMPORT_LIMITS.maxNodes,
    min: 1,
    max: MOST,
    unit: 'nodes',
    meaning: 'Most nodes or layers of a model that is imported.',
  }),
  maxTensors: integer('FOVEA_IMPORT_MAX_TENSORS', {
    fallback: IMPORT_LIMITS.maxTensors,
    min: 1,
    max: MOST,
    unit: 'tensors',
    meaning: 'Most weights of a model that is imported.',
  }),
  maxDepth: integer('FOVEA_IMPORT_MAX_DEPTH', {
    fallback: IMPORT_LIMITS.maxDepth,
    min: 1,
    max: 100,
    meaning: 'Most models inside models, or graphs inside nodes, of a model that is imported.',
  }),
  timeoutMs: integer('FOVEA_IMPORT_TIMEOUT_MS', {
    fallback: 600_000,
    min: 100,
    max: 86_400_000,
    unit: 'ms',
    meaning: 'Deadline of `POST /api/models/import`, from the first byte until the model is tried; then 504.',
  }),
};
