/** Yields at most `wanted` values at even distances, because data sets are often sorted by class. */
export function* sampleEvenly<T>(at: (index: number) => T, length: number, wanted: number): Generator<T> {
  const count = Math.min(wanted, length);
  for (let place = 0; place < count; place++) yield at(Math.floor((place * length) / count));
}
