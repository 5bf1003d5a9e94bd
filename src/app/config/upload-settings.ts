import { integer } from './setting.js';

const MEBIBYTE = 1024 * 1024;
const MAX_BYTES = 1024 * 1024 * MEBIBYTE;

/** Uploads of training images. */
export const uploads = {
  maxBytes: integer('FOVEA_MAX_UPLOAD_BYTES', {
    fallback: 1024 * MEBIBYTE,
    min: 1024,
    max: MAX_BYTES,
    unit: 'bytes',
    meaning: 'Largest upload of training data; an archive may unpack to four times this size.',
  }),
  maxImages: integer('FOVEA_MAX_UPLOAD_IMAGES', {
    fallback: 100_000,
    min: 1,
    max: 10_000_000,
    unit: 'images',
    meaning: 'Most images in one upload.',
  }),
  timeoutMs: integer('FOVEA_UPLOAD_TIMEOUT_MS', {
    fallback: 600_000,
    min: 100,
    max: 86_400_000,
    unit: 'ms',
    meaning: 'Deadline of an upload, from its first byte until all images are checked; then 504.',
  }),
  maxCatalogueBytes: integer('FOVEA_CATALOGUE_MAX_BYTES', {
    fallback: 10 * 1024 * MEBIBYTE,
    min: MEBIBYTE,
    max: MAX_BYTES,
    unit: 'bytes',
    meaning: 'Disk space for uploaded images of all models; an upload beyond it gets 507.',
  }),
};
