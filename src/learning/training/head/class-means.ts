import {
  distanceFromMeans,
  type FamiliarFeatures,
  normOf,
} from '../../../models/repository/feature-distance.js';
import type { Features } from './features.js';

/** Each image is held out once. */
const FOLDS = 5;

/** Normalised features of an image, and its class. */
interface Row {
  readonly features: Float32Array;
  readonly classIndex: number;
  readonly fold: number;
}

/** Rows of a class take turns in the folds, so that no class is held out whole. */
function rowsOf({ values, classes, width }: Features): Row[] {
  const seen = new Map<number, number>();
  return classes.map((classIndex, row) => {
    const features = values.slice(row * width, (row + 1) * width);
    const norm = normOf(features);
    const place = seen.get(classIndex) ?? 0;
    seen.set(classIndex, place + 1);
    return { features: features.map((value) => value / norm), classIndex, fold: place % FOLDS };
  });
}

/** float32 `[classes, width]` */
function meansOf(rows: readonly Row[], classCount: number, width: number): Float32Array {
  const sums = new Float64Array(classCount * width);
  const counts = new Uint32Array(classCount);
  for (const { features, classIndex } of rows) {
    const start = classIndex * width;
    for (let at = 0; at < width; at++) sums[start + at] = (sums[start + at] ?? 0) + (features[at] ?? 0);
    counts[classIndex] = (counts[classIndex] ?? 0) + 1;
  }
  return Float32Array.from(sums, (sum, at) => sum / Math.max(1, counts[Math.floor(at / width)] ?? 1));
}

/** @param sorted ascending
 * @param share 0..1 */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const [low = 0, high = low] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return low + (high - low) * (place - Math.floor(place));
}

/**
 * The class means of training images, and how far such images are from means that were computed without them.
 * @param features one row an image, two images of each class at least
 * @returns undefined where all images are equally far
 */
export function familiarFeaturesOf(features: Features, classCount: number): FamiliarFeatures | undefined {
  const { width } = features;
  const rows = rowsOf(features);
  const distances = [...new Set(rows.map(({ fold }) => fold))].flatMap((held) => {
    const isHeld = ({ fold }: Row) => fold === held;
    const means = meansOf(
      rows.filter((row) => !isHeld(row)),
      classCount,
      width,
    );
    return rows.filter(isHeld).map((row) => distanceFromMeans(row.features, means));
  });
  distances.sort((a, b) => a - b);
  const scale = { median: quantile(distances, 0.5), p95: quantile(distances, 0.95) };
  if (scale.p95 <= scale.median) return undefined;
  return { classMeans: meansOf(rows, classCount, width), scale };
}
