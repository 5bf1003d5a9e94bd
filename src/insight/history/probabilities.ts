/** Stored value of probability 1. 16 bits per probability preserve four decimal digits. */
const ONE = 50_000;
/** Of models with more classes only this many probabilities are stored, the highest. */
const MAX_CLASSES = 64;
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
    .slice(0, MAX_CLASSES);
}

/**
 * uint16 little-endian: all probabilities in label order, or for many classes the highest ones as pairs (class,
 * probability).
 */
export function packProbabilities(probabilities: Float32Array): Buffer {
  const values =
    probabilities.length <= MAX_CLASSES
      ? Array.from(probabilities, quantize)
      : mostProbable(probabilities).flatMap((index) => [index, quantize(probabilities[index] ?? 0)]);
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
  if (labels.length <= MAX_CLASSES) {
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
