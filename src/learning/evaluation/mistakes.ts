import sharp from 'sharp';
import type { ImageSize } from '../../models/repository/image-input.js';
import type { LabelledImages } from '../datasets/labelled-images.js';
import type { Mistake } from './evaluation.js';
import type { AnsweredImage } from './metrics.js';

const MAX_THUMBNAIL_PIXELS = 96;

export async function thumbnailOf(
  pixels: Uint8Array,
  { width, height, channels }: ImageSize,
): Promise<string> {
  const png = await sharp(pixels, { raw: { width, height, channels } })
    .resize(MAX_THUMBNAIL_PIXELS, MAX_THUMBNAIL_PIXELS, { fit: 'inside', withoutEnlargement: true })
    .png()
    .toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}

export interface MistakeOptions {
  readonly input: ImageSize;
  readonly labels: readonly string[];
  /** Largest number of mistakes. */
  readonly wanted: number;
}

/**
 * The wrong answers with the highest confidence. Wrong labels and missing training data show there first.
 * @param answers one per image, in the order of the images
 */
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
