import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelVersion } from './model-version.js';

/** Distances of training images from means that were computed without them. */
export interface DistanceScale {
  readonly median: number;
  /** The 95th percentile; greater than `median`. */
  readonly p95: number;
}

/** What the features of a head's training images look like. */
export interface FamiliarFeatures {
  /** float32 `[means, width]`: mean of each class or label, of features divided by their Euclidean norm; of a `multi` model one more where
   * images had no label. */
  readonly classMeans: Float32Array;
  readonly scale: DistanceScale;
}

export const CLASS_MEANS_FILE = 'class-means.f32';

/** Reads the means of a version whose head has them; undefined where the file has another length. */
export async function readFamiliarFeatures({
  directory,
  manifest: { trunk, labels, output },
}: ModelVersion): Promise<FamiliarFeatures | undefined> {
  if (trunk?.distance === undefined) return undefined;
  const { class_means: file, ...scale } = trunk.distance;
  const bytes = Uint8Array.from(await readFile(join(directory, file)));
  const means = bytes.length / (trunk.width * Float32Array.BYTES_PER_ELEMENT);
  const isWhole = means === labels.length || (output.task === 'multi' && means === labels.length + 1);
  return isWhole ? { classMeans: new Float32Array(bytes.buffer), scale } : undefined;
}

/** Euclidean norm; 1 for zeros, so that they can be divided by it. */
export function normOf(features: Float32Array): number {
  let square = 0;
  for (const value of features) square += value * value;
  return Math.sqrt(square) || 1;
}

/**
 * Distance of normalised features from the nearest mean. It costs as many products as the head.
 * @param features float32 `[width]`; only read
 * @param classMeans float32 `[means, width]`
 * @source Mensink et al., "Distance-Based Image Classification" (2013), section 3: nearest class mean. Sun et al.,
 *   "Out-of-Distribution Detection with Deep Nearest Neighbors" (2022), section 3: why features are normalised.
 *   `bench/results/few-images.md` compares it with other scores.
 */
export function distanceFromMeans(features: Float32Array, classMeans: Float32Array): number {
  const factor = 1 / normOf(features);
  let nearest = Number.POSITIVE_INFINITY;
  for (let start = 0; start < classMeans.length; start += features.length) {
    let square = 0;
    for (let at = 0; at < features.length; at++) {
      const deviation = (features[at] ?? 0) * factor - (classMeans[start + at] ?? 0);
      square += deviation * deviation;
    }
    nearest = Math.min(nearest, square);
  }
  return Math.sqrt(nearest);
}

/** How unusual an image is: 0 is the median of the training images, and 5 % of them exceed 1. */
export function unusualnessOf(features: Float32Array, { classMeans, scale }: FamiliarFeatures): number {
  return (distanceFromMeans(features, classMeans) - scale.median) / (scale.p95 - scale.median);
}
