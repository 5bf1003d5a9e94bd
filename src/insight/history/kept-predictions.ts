import { FoveaError } from '../../platform/errors.js';
import { type History, MAX_PAGE_ROWS, type Page, type PageQuery } from './history.js';
import type { KeptImages } from './kept-images.js';
import { toSortedCursor } from './page-order.js';
import type { StoredPrediction } from './stored-prediction.js';

/** A page reads at most this many parts of the index, of at most `MAX_PAGE_ROWS` rows each. */
const MAX_READS = 20;
/** `KeptImages` notes its time after the prediction has its id, by less than this. */
const KEPT_LATER_MS = 60_000;

export interface KeptPredictionsParts {
  readonly history: Pick<History, 'page'>;
  /** Undefined unless FOVEA_KEEP_IMAGES is set. */
  readonly keptImages: Pick<KeptImages, 'pathOf' | 'oldestMs'> | undefined;
}

/** A page in the order of `sort`. Unless by time, it has the predictions whose image is still kept, each image once.
 * @throws FoveaError `bad_request` where no images are kept; those of `History.page` */
export async function pageOfKept(
  { history, keptImages }: KeptPredictionsParts,
  query: PageQuery,
): Promise<Page> {
  const { sort = 'newest', limit } = query;
  if (sort === 'newest') return history.page(query);
  if (keptImages === undefined)
    throw new FoveaError('bad_request', `No images are kept: set FOVEA_KEEP_IMAGES to sort by ${sort}.`);
  const { oldestMs } = keptImages;
  if (oldestMs === undefined) return { predictions: [], next: null };
  const fromMs = Math.max(oldestMs - KEPT_LATER_MS, query.from === undefined ? 0 : Date.parse(query.from));
  const from = new Date(fromMs).toISOString();
  const found = new Map<string, StoredPrediction>();
  let { before } = query;
  for (let read = 0; read < MAX_READS; read += 1) {
    const wanted = read === 0 ? limit : MAX_PAGE_ROWS;
    const { predictions, next } = await history.page({ ...query, from, before, limit: wanted });
    for (const prediction of predictions) {
      if (found.size === limit) return { predictions: [...found.values()], next: before ?? null };
      const { id, image_sha256: sha256 } = prediction;
      before = toSortedCursor(prediction[sort] ?? 0, id);
      if (sha256 !== null && !found.has(sha256) && keptImages.pathOf(sha256) !== undefined)
        found.set(sha256, prediction);
    }
    if (next === null) return { predictions: [...found.values()], next: null };
    if (found.size === limit) return { predictions: [...found.values()], next };
  }
  return { predictions: [...found.values()], next: before ?? null };
}
