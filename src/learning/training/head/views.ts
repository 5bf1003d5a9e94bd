import type { ImageSize } from '../../../models/repository/image-input.js';

/** A part of an image, stretched to the input. */
export interface View {
  /** Unique; features are cached under it. */
  readonly name: string;
  readonly isMirrored: boolean;
  /** Sides of the part, as a share of the image's. */
  readonly size: number;
  /** Where the part lies: 0 is left or top, 1 is right or bottom. */
  readonly left: number;
  readonly top: number;
}

const WHOLE = { size: 1, left: 0, top: 0 };
/** Share of a crop's sides; at 224 pixels it is one of 192. */
const CROP = 6 / 7;

/** The more views, the more an image teaches, and the longer its features take. */
const VIEWS: readonly View[] = [
  { name: 'whole', isMirrored: false, ...WHOLE },
  { name: 'whole mirrored', isMirrored: true, ...WHOLE },
  { name: 'top left', isMirrored: false, size: CROP, left: 0, top: 0 },
  { name: 'bottom right mirrored', isMirrored: true, size: CROP, left: 1, top: 1 },
  { name: 'top right', isMirrored: false, size: CROP, left: 1, top: 0 },
  { name: 'bottom left mirrored', isMirrored: true, size: CROP, left: 0, top: 1 },
];

export const MOST_VIEWS = VIEWS.length;

/** The first views, beginning with the whole image; without mirrored ones there are half as many. */
export function viewsOf({
  views,
  flip,
}: {
  readonly views: number;
  readonly flip: boolean;
}): readonly View[] {
  return VIEWS.filter(({ isMirrored }) => flip || !isMirrored).slice(0, views);
}

/** The two pixels on either side of a place, and the share of the second. */
function between(place: number, length: number): readonly [number, number, number] {
  const inside = Math.min(length - 1, Math.max(0, place));
  const first = Math.floor(inside);
  return [first, Math.min(length - 1, first + 1), inside - first];
}

/** Writes a view of an image by bilinear interpolation.
 * @param pixels uint8 `[height, width, channels]`; only read
 * @param out uint8, same shape; written whole */
export function writeView(
  pixels: Uint8Array,
  { height, width, channels }: ImageSize,
  view: View,
  out: Uint8Array,
): void {
  const { size, left, top, isMirrored } = view;
  const at = (x: number, y: number, channel: number) => pixels[(y * width + x) * channels + channel] ?? 0;
  const columns = Array.from({ length: width }, (_, x) => {
    const column = isMirrored ? width - 1 - x : x;
    return between((column + 0.5) * size - 0.5 + left * (1 - size) * width, width);
  });
  let place = 0;
  for (let y = 0; y < height; y++) {
    const [above, below, down] = between((y + 0.5) * size - 0.5 + top * (1 - size) * height, height);
    for (const [before, after, along] of columns) {
      for (let channel = 0; channel < channels; channel++) {
        const upper = at(before, above, channel) * (1 - along) + at(after, above, channel) * along;
        const lower = at(before, below, channel) * (1 - along) + at(after, below, channel) * along;
        out[place++] = Math.round(upper * (1 - down) + lower * down);
      }
    }
  }
}
