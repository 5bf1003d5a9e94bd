/** Buffers kept at most. */
const MOST_KEPT = 16;

/** Buffers for decoded pixels, used again and again: V8 collects all garbage after some 30 MB of new ones, which are 200
 * photographs. All have one length, that of the last one asked for. */
const kept: Buffer[] = [];

/** @returns memory of any content, in an `ArrayBuffer` of its own */
export function takePixelBuffer(bytes: number): Buffer {
  const buffer = kept.pop();
  if (buffer?.length === bytes) return buffer;
  kept.length = 0;
  return Buffer.allocUnsafeSlow(bytes);
}

/** @param buffer of `takePixelBuffer`; nobody may use it any more */
export function returnPixelBuffer(buffer: Buffer): void {
  if (kept.length < MOST_KEPT) kept.push(buffer);
}
