import { crc32, deflateSync, type ZlibOptions } from 'node:zlib';

export interface PngForm {
  readonly width: number;
  readonly height: number;
  /** 1 (grey) or 3 (RGB) */
  readonly channels: 1 | 3;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** @source W3C PNG (third edition), 9.2 */
export const FILTERS = ['none', 'sub', 'up', 'average', 'paeth'] as const;

export function pngChunk(type: string, data: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checked = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(checked));
  return Buffer.concat([length, checked, checksum]);
}

/** A PNG of 8 bits per channel around valid or invalid image data, in one or more chunks. */
export function pngAround({ width, height, channels }: PngForm, imageData: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, channels === 1 ? 0 : 2, 0, 0, 0], 8);
  const chunks = imageData.map((piece) => pngChunk('IDAT', piece));
  return Buffer.concat([SIGNATURE, pngChunk('IHDR', header), ...chunks, pngChunk('IEND', Buffer.alloc(0))]);
}

/** The predicted byte of a filter, from its left, upper and upper left neighbours. */
function predict(filter: number, a: number, b: number, c: number): number {
  if (filter === 1) return a;
  if (filter === 2) return b;
  if (filter === 3) return (a + b) >> 1;
  if (filter !== 4) return 0;
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  if (pa <= pb && pa <= pc) return a;
  return pb <= pc ? b : c;
}

/**
 * Filters rows; each starts with its filter number.
 * @param filterOf the filter of a row, 0..4
 */
export function filterRows(
  pixels: Uint8Array,
  { width, height, channels }: PngForm,
  filterOf: (row: number) => number,
): Buffer {
  const rowBytes = width * channels;
  const filtered = Buffer.alloc((rowBytes + 1) * height);
  const at = (row: number, byte: number): number =>
    row < 0 || byte < 0 ? 0 : (pixels[row * rowBytes + byte] ?? 0);
  for (let row = 0; row < height; row++) {
    const filter = filterOf(row);
    filtered[row * (rowBytes + 1)] = filter;
    for (let byte = 0; byte < rowBytes; byte++) {
      const expected = predict(
        filter,
        at(row, byte - channels),
        at(row - 1, byte),
        at(row - 1, byte - channels),
      );
      filtered[row * (rowBytes + 1) + 1 + byte] = at(row, byte) - expected;
    }
  }
  return filtered;
}

export function encodePng(
  pixels: Uint8Array,
  form: PngForm,
  { filterOf, ...options }: ZlibOptions & { filterOf: (row: number) => number },
): Buffer {
  return pngAround(form, [deflateSync(filterRows(pixels, form, filterOf), options)]);
}
