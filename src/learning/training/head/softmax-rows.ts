/** Probabilities of rows of logits: float32 `[rows, classes]`, as the logits. */
export function softmaxRows(logits: Float32Array, classes: number, temperature = 1): Float32Array {
  const probabilities = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += classes) {
    const row = logits.subarray(start, start + classes);
    const largest = row.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    const powers = row.map((value) => Math.exp((value - largest) / temperature));
    const sum = powers.reduce((total, value) => total + value, 0);
    probabilities.set(
      powers.map((value) => value / sum),
      start,
    );
  }
  return probabilities;
}
