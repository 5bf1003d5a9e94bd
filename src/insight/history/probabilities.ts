/** Stored value of probability 1. 16 bits per probability preserve four decimal digits. */
const ONE = 50_000;
/** Of models with more classes only some probabilities are stored, the highest. */
export const DENSE_CLASSES = 64;
/** Of an answer of more labels only the likeliest are stored: as many as `top_k` may ask for. */
export const MAX_STORED_LABELS = 1000;
const BYTES = Uint16Array.BYTES_PER_ELEMENT;

function quantize(probability: number): number {
  return Math.round(Math.min(Math.max(probability, 0), 1) * ONE);
}

/** Rounds away the error of the division. */
function restore(value: number): number {
  return Math.round((value / ONE) * 1e5) / 1e5;
}

function mostProbable(probabilities: Float32Array): number[] {
  return [...probabilities.keys()]
    .sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0))
    .slice(0, DENSE_CLASSES);
}

/** @param classes that the probabilities are of; null for all */
function pairsOf(probabilities: Float32Array, classes: readonly number[] | null): number[] {
  if (classes === null)
    return mostProbable(probabilities).flatMap((index) => [index, quantize(probabilities[index] ?? 0)]);
  return classes.flatMap((index, place) => [index, quantize(probabilities[place] ?? 0)]);
}

/**
 * uint16 little-endian: all probabilities in label order, or for many classes the highest ones as pairs (class,
 * probability).
 * @param classes that the probabilities are of; null for all
 */
export function packProbabilities(
  probabilities: Float32Array,
  classes: readonly number[] | null = null,
): Buffer {
  const isDense = classes === null && probabilities.length <= DENSE_CLASSES;
  const values = isDense ? Array.from(probabilities, quantize) : pairsOf(probabilities, classes);
  const packed = Buffer.allocUnsafe(values.length * BYTES);
  values.forEach((value, place) => {
    packed.writeUInt16LE(value, place * BYTES);
  });
  return packed;
}

/** @param labels of the version that answered */
export function unpackProbabilities(packed: Buffer, labels: readonly string[]): Record<string, number> {
  const values = Array.from({ length: packed.length / BYTES }, (_, place) =>
    packed.readUInt16LE(place * BYTES),
  );
  if (labels.length <= DENSE_CLASSES) {
    return Object.fromEntries(values.map((value, index) => [labels[index] ?? String(index), restore(value)]));
  }
  const pairs = Array.from({ length: values.length / 2 }, (_, pair) => [
    values[2 * pair],
    values[2 * pair + 1],
  ]);
  return Object.fromEntries(
    pairs.map(([index = 0, value = 0]) => [labels[index] ?? String(index), restore(value)]),
  );
}
