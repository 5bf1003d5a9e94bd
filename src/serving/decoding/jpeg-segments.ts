/** One marker segment of a JPEG file. */
export interface JpegSegment {
  readonly marker: number;
  /** Offset of the marker's 0xff byte in the file. */
  readonly offset: number;
}

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;

/**
 * The segments of a JPEG file, scans included, up to the end of the image or to the first invalid marker. Entropy-coded
 * data is skipped.
 * @source ITU-T T.81, B.1.1
 */
export function* jpegSegments(bytes: Uint8Array): Generator<JpegSegment> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 2;
  while (offset + 2 <= bytes.length && bytes[offset] === 0xff) {
    const marker = view.getUint8(offset + 1);
    if (marker === 0xff) {
      // A fill byte.
      offset += 1;
      continue;
    }
    yield { marker, offset };
    if (marker === END_OF_IMAGE || offset + 4 > bytes.length) return;
    offset += 2 + view.getUint16(offset + 2);
    if (marker === START_OF_SCAN) offset = endOfCodedData(bytes, offset);
  }
}

/** Offset of the next marker. In coded data 0xff is followed by 0 or by a restart marker. */
function endOfCodedData(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(0xff, start); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1] ?? 0;
    if (next !== 0 && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}
