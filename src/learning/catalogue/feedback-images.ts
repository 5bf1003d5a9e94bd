import { constants, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { History, PageQuery } from '../../insight/history/history.js';
import { MAX_PAGE_ROWS } from '../../insight/history/history.js';
import type { StoredPrediction } from '../../insight/history/stored-prediction.js';
import type { ToldTruth } from '../../insight/history/truth.js';
import { FoveaError } from '../../platform/errors.js';
import { JOINT } from '../datasets/label-sets.js';
import type { KnownImage, Uploader } from './catalogue.js';

/** Filters of predictions with feedback. */
export interface FeedbackFilter extends Pick<PageQuery, 'from' | 'to'>, Pick<Uploader, 'model' | 'task'> {
  /** Takes at most this many images, newest first. */
  readonly limit: number;
}

export interface FeedbackImagesOptions {
  readonly history: Pick<History, 'page'>;
  /** Path of a kept image; undefined when the image is not kept. */
  readonly pathOf: (sha256: string) => string | undefined;
}

export interface FeedbackImages {
  readonly images: KnownImage[];
  /** Predictions with feedback whose image was never kept or was evicted. */
  readonly withoutImage: number;
}

/** Several labels in the text that `labelText` is read from; a label of theirs may contain any separator but a line break. */
export function classNameOf(truth: ToldTruth): string {
  return 'label' in truth ? truth.label : truth.labels.join(JOINT);
}

/** Undefined for feedback of a version of the other task. */
function truthOf(
  { feedback_label: label, feedback_labels: labels }: StoredPrediction,
  task: Uploader['task'],
): ToldTruth | undefined {
  if (task === 'multi') return labels == null ? undefined : { labels };
  return label === null ? undefined : { label };
}

async function* withFeedback(
  history: Pick<History, 'page'>,
  { model, from, to }: FeedbackFilter,
): AsyncGenerator<StoredPrediction> {
  let before: string | undefined;
  do {
    const query = { model, from, to, has_feedback: true, limit: MAX_PAGE_ROWS, before };
    const { predictions, next } = await history.page(query);
    yield* predictions;
    before = next ?? undefined;
  } while (before !== undefined);
}

/**
 * Copies the images of predictions with feedback. Of an image that was told about several times the newest feedback counts.
 * @throws FoveaError `dataset_invalid` when there is no image; `history_failed`
 */
export async function copyFeedbackImages(
  { history, pathOf }: FeedbackImagesOptions,
  filter: FeedbackFilter,
  directory: string,
): Promise<FeedbackImages> {
  const seen = new Set<string>();
  const images: KnownImage[] = [];
  let withoutImage = 0;
  for await (const prediction of withFeedback(history, filter)) {
    if (images.length >= filter.limit) break;
    const { id, image_sha256: sha256 } = prediction;
    const truth = truthOf(prediction, filter.task);
    if (truth === undefined || (sha256 !== null && seen.has(sha256))) continue;
    const kept = sha256 === null ? undefined : pathOf(sha256);
    const path = join(directory, String(images.length));
    const isCopied =
      kept !== undefined &&
      (await copyFile(kept, path, constants.COPYFILE_FICLONE).then(
        () => true,
        () => false,
      ));
    if (isCopied && sha256 !== null) {
      seen.add(sha256);
      images.push({ path, name: id, className: classNameOf(truth) });
    } else {
      withoutImage += 1;
    }
  }
  if (images.length > 0) return { images, withoutImage };
  throw new FoveaError(
    'dataset_invalid',
    withoutImage === 0
      ? 'No prediction of this model has feedback. Give some: POST /api/predictions/{id}/feedback.'
      : `The images of ${withoutImage} predictions with feedback were not kept. Set FOVEA_KEEP_IMAGES to keep future images.`,
    { details: { without_image: withoutImage } },
  );
}
