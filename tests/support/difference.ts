/** Largest difference between values at the same index; Infinity when one is NaN or the lengths differ. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((largest, value, index) => {
    const distance = Math.abs(value - (b[index] ?? Number.NaN));
    return Number.isNaN(distance) ? Number.POSITIVE_INFINITY : Math.max(largest, distance);
  }, 0);
}
