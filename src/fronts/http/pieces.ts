/**
 * Bytes of one write. uWebSockets.js buffers bytes that the connection does not take, so a write must be small: then a
 * slow client holds one or two pieces of memory. A piece fits into the 16 KiB cork buffer of uWebSockets.js.
 */
const PIECE_BYTES = 15 * 1024;

export function bytesOf(part: string | Uint8Array): Uint8Array {
  return typeof part === 'string' ? Buffer.from(part) : part;
}

/** Consecutive views of `part`; none when it is empty. */
export function* cutIntoPieces(part: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < part.length; start += PIECE_BYTES) {
    yield part.subarray(start, start + PIECE_BYTES);
  }
}
