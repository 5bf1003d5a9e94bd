import sharp from 'sharp';
import type { ImageSize } from '../../models/repository/image-input.js';
import type { LabelledImages } from '../datasets/labelled-images.js';
import type { Mistake } from './evaluation.js';
import type { AnsweredImage } from './metrics.js';

const MAX_THUMBNAIL_PIXELS = 96;

async function thumbnailOf(pixels: Uint8Array, { width, height, channels }: ImageSize): Promise<string> {
  const png = await sharp(pixels, { raw: { width, height, channels } })
    .resize(MAX_THUMBNAIL_PIXELS, MAX_THUMBNAIL_PIXELS, { fit: 'inside', withoutEnlargement: true })
    .png()
    .toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}

export interface MistakeOptions {
  readonly input: ImageSize;
  readonly labels: readonly string[];
  /** At most so many. */
  readonly wanted: number;
}

/** The mistakes of which the model was most sure: wrong labels and blind spots show there first.
 * @param answers one for each image, in their order */
export function worstMistakes(
  answers: readonly AnsweredImage[],
  images: LabelledImages,
  { input, labels, wanted }: MistakeOptions,
): Promise<Mistake[]> {
  const worst = answers
    .map((answer, index) => ({ ...answer, index }))
    .filter(({ predicted, truth }) => predicted !== truth)
    .toSorted((a, b) => b.confidence - a.confidence)
    .slice(0, wanted);
  return Promise.all(
    worst.map(async ({ index, truth, predicted, confidence, probabilityOfTruth }) => ({
      true_class: labels[truth] ?? '',
      predicted_class: labels[predicted] ?? '',
      confidence,
      true_class_probability: probabilityOfTruth,
      thumbnail: await thumbnailOf(images.row(index), input),
    })),
  );
}
