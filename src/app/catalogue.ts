import { resolve } from 'node:path';
import { Catalogue, type CatalogueOptions } from '../learning/catalogue/catalogue.js';
import { CATALOGUE_FOLDER } from '../learning/catalogue/catalogue-schema.js';
import type { Deps } from './deps.js';

/** An archive may unpack to this many times the largest upload. */
const UNPACKED_PER_UPLOAD = 4;

/** The images that clients upload for training. */
export function createCatalogue(
  { config, log, env, lifecycle }: Deps,
  { ask, requireRoom }: Pick<CatalogueOptions, 'ask' | 'requireRoom'>,
): Catalogue {
  const { storage, uploads, http, images } = config;
  const catalogue = new Catalogue({
    folder: resolve(storage.stateDir, CATALOGUE_FOLDER),
    env,
    ask,
    requireRoom,
    limits: {
      images: uploads.maxImages,
      unpacked_bytes: UNPACKED_PER_UPLOAD * uploads.maxBytes,
      // An image that a prediction request could not carry is no training image either.
      file_bytes: http.maxBodyBytes,
      catalogue_bytes: uploads.maxCatalogueBytes,
      input_pixels: images.maxInputPixels,
    },
    onProblem: (error) =>
      log.error({ err: error }, 'the files of an interrupted upload could not be deleted'),
  });
  lifecycle.add({ name: 'catalogue', close: () => catalogue.close() });
  return catalogue;
}
