import { resolve } from 'node:path';
import { Catalogue } from '../learning/catalogue/catalogue.js';
import { CATALOGUE_FOLDER } from '../learning/catalogue/catalogue-schema.js';
import type { AskState } from '../learning/state/state-calls.js';
import type { Surroundings } from './surroundings.js';

/** An archive may unpack to this many times the largest upload. */
const UNPACKED_PER_UPLOAD = 4;

/** The images that clients upload for training. */
export function makeCatalogue({ config, log, env, lifecycle }: Surroundings, ask: AskState): Catalogue {
  const { storage, uploads, http, images } = config;
  const catalogue = new Catalogue({
    folder: resolve(storage.stateDir, CATALOGUE_FOLDER),
    env,
    ask,
    limits: {
      images: uploads.maxImages,
      unpacked_bytes: UNPACKED_PER_UPLOAD * uploads.maxBytes,
      // What could not be predicted need not be learnt.
      file_bytes: http.maxBodyBytes,
      catalogue_bytes: uploads.maxCatalogueBytes,
      input_pixels: images.maxInputPixels,
    },
    onProblem: (error) => log.error({ err: error }, 'what a cut-off upload left could not be taken away'),
  });
  lifecycle.add({ name: 'catalogue', close: () => catalogue.close() });
  return catalogue;
}
