import type { ImageInput } from '../../models/repository/image-input.js';
import { decodeSmall, smallFormatOf } from '../decoding/small-file.js';
import { DECODED, type Slab, UNDECODED } from './slab.js';

/** Holds the file while its pixels are written over it; as large as the largest row so far. */
let copy = new Uint8Array(0);

/** Decodes the image files on a slab's first rows. */
export function decodeFiles({ input: numbers, files, shape }: Slab, rows: number, input: ImageInput): void {
  if (!(numbers instanceof Uint8Array)) return;
  for (let row = 0; row < rows; row++) {
    const length = files[row] ?? 0;
    if (length <= 0) continue;
    const first = row * shape.rowValues;
    const pixels = numbers.subarray(first, first + shape.rowValues);
    if (copy.length < length) copy = new Uint8Array(shape.rowValues);
    copy.set(pixels.subarray(0, length));
    const file = copy.subarray(0, length);
    const format = smallFormatOf(file, input);
    const isDecoded = format !== undefined && decodeSmall(file, format, input, pixels);
    files[row] = isDecoded ? DECODED : UNDECODED;
  }
}
