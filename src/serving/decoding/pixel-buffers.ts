/** Buffers kept at most. */
const MOST_KEPT = 16;

/** Buffers for decoded pixels, used again and again, the oldest first: V8 collects all garbage after some 30 MB of new ones, which are
 * 200 photographs. */
const kept: Buffer[] = [];

/** @returns memory of any content, in an `ArrayBuffer` of its own */
export function takePixelBuffer(bytes: number): Buffer {
  const place = kept.findLastIndex(({ length }) => length === bytes);
  return kept.splice(place, place === -1 ? 0 : 1)[0] ?? Buffer.allocUnsafeSlow(bytes);
}

/** @param buffer whole; nobody may use it any more */
export function returnPixelBuffer(buffer: Buffer): void {
  kept.push(buffer);
  // Those of a model that is not asked any more leave.
  if (kept.length > MOST_KEPT) kept.shift();
}
