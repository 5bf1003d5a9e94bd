import {
  distanceFromMeans,
  type FamiliarFeatures,
  normOf,
} from '../../../models/repository/feature-distance.js';
import type { Features } from './features.js';
import type { Targets } from './targets.js';

/** Each image is held out once. */
const FOLDS = 5;

/** Normalised features of an image, and the means that it belongs to. */
interface Row {
  readonly features: Float32Array;
  readonly means: readonly number[];
  readonly fold: number;
}

/** The mean of its class; of several labels those of all, or where it has none that of such images, behind those of the labels. */
function meansOfImage(classNumber: number, { outputs, labelSets }: Targets): readonly number[] {
  if (labelSets === undefined) return [classNumber];
  const labels = [...(labelSets[classNumber] ?? [])];
  return labels.length === 0 ? [outputs] : labels;
}

/** Rows of a class, or of a set of labels, take turns in the folds, so that no class is held out whole. Each begins with another fold,
 * because many sets have one row. */
function rowsOf({ values, classes, width }: Features, targets: Targets): Row[] {
  const next = new Map<number, number>();
  return classes.map((classNumber, row) => {
    const features = values.slice(row * width, (row + 1) * width);
    const norm = normOf(features);
    const turn = next.get(classNumber) ?? next.size;
    next.set(classNumber, turn + 1);
    return {
      features: features.map((value) => value / norm),
      means: meansOfImage(classNumber, targets),
      fold: turn % FOLDS,
    };
  });
}

/** float32 `[count, width]`; zeros for a mean of no row, which is farther from all rows than any mean of some */
function meansOf(rows: readonly Row[], count: number, width: number): Float32Array {
  const sums = new Float64Array(count * width);
  const counts = new Uint32Array(count);
  for (const { features, means } of rows) {
    for (const mean of means) {
      const start = mean * width;
      for (let at = 0; at < width; at++) sums[start + at] = (sums[start + at] ?? 0) + (features[at] ?? 0);
      counts[mean] = (counts[mean] ?? 0) + 1;
    }
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
 * The means of training images by class or label, and how far such images are from means that were computed without them.
 * @param features one row an image, two images of each class or label at least
 * @returns undefined where all images are equally far
 */
export function familiarFeaturesOf(features: Features, targets: Targets): FamiliarFeatures | undefined {
  const { width } = features;
  const rows = rowsOf(features, targets);
  const count = 1 + rows.reduce((last, { means }) => Math.max(last, ...means), targets.outputs - 1);
  const distances = [...new Set(rows.map(({ fold }) => fold))].flatMap((held) => {
    const isHeld = ({ fold }: Row) => fold === held;
    const means = meansOf(
      rows.filter((row) => !isHeld(row)),
      count,
      width,
    );
    return rows.filter(isHeld).map((row) => distanceFromMeans(row.features, means));
  });
  distances.sort((a, b) => a - b);
  const scale = { median: quantile(distances, 0.5), p95: quantile(distances, 0.95) };
  if (scale.p95 <= scale.median) return undefined;
  return { classMeans: meansOf(rows, count, width), scale };
}
