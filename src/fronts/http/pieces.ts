/**
 * What is written to a client at once. uWebSockets.js sends what it holds back only when more is written, so that a slow
 * client's part in our memory stays at a piece or two, as long as a piece is less than a connection takes at a time. A
 * piece fits into the 16 KiB in which uWebSockets.js gathers a write.
 */
const PIECE_BYTES = 15 * 1024;

export function bytesOf(part: string | Uint8Array): Uint8Array {
  return typeof part === 'string' ? Buffer.from(part) : part;
}

/** Views of the part, in order; none of an empty one. */
export function* cutIntoPieces(part: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < part.length; start += PIECE_BYTES) {
    yield part.subarray(start, start + PIECE_BYTES);
  }
}
