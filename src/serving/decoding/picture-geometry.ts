import type { ImageInput } from '../../models/repository/image-input.js';
import type { Dimensions } from './dimensions.js';

export interface Box extends Dimensions {
  readonly left: number;
  readonly top: number;
}

/** How a picture becomes the model's input: a part of it is stretched, a part of the result is kept, and placed. */
export interface PictureGeometry {
  /** What is stretched, in pixels of the picture. */
  readonly box: Box;
  /** The size that it is stretched to. */
  readonly full: Dimensions;
  /** What is kept, in pixels of `full`. */
  readonly kept: Box;
  /** Where it lies in the model's input; around it is padding. */
  readonly placed: { readonly left: number; readonly top: number };
}

const ORIGIN = { left: 0, top: 0 };

/** @source Python 3, `round`: halves go to the even neighbour. Pillow and torchvision round so. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

function wholeOf({ width, height }: Dimensions): Box {
  return { ...ORIGIN, width, height };
}

/** @source Keras 3, `keras.utils.image_utils.smart_resize` */
function cover(picture: Dimensions, wanted: Dimensions): PictureGeometry {
  const side = (own: number, other: number, ratio: number) =>
    Math.max(1, Math.min(own, Math.trunc(other * ratio)));
  const height = side(picture.height, picture.width, wanted.height / wanted.width);
  const width = side(picture.width, picture.height, wanted.width / wanted.height);
  const left = Math.trunc((picture.width - width) / 2);
  const top = Math.trunc((picture.height - height) / 2);
  return { box: { left, top, width, height }, full: wanted, kept: wholeOf(wanted), placed: ORIGIN };
}

/** @source Pillow, `ImageOps.pad` */
function contain(picture: Dimensions, wanted: Dimensions): PictureGeometry {
  const { width, height } = wanted;
  const ratio = picture.width / picture.height;
  const isWide = ratio > width / height;
  const full = isWide
    ? { width, height: Math.max(1, roundHalfEven((picture.height / picture.width) * width)) }
    : { width: Math.max(1, roundHalfEven(ratio * height)), height };
  const placed = {
    left: roundHalfEven((width - full.width) / 2),
    top: roundHalfEven((height - full.height) / 2),
  };
  return { box: wholeOf(picture), full, kept: wholeOf(full), placed };
}

/** @source torchvision, `transforms.functional.resize` with one number */
function shortestEdge({ width, height }: Dimensions, edge: number): Dimensions {
  const longer = Math.trunc((edge * Math.max(width, height)) / Math.min(width, height));
  return width <= height ? { width: edge, height: longer } : { width: longer, height: edge };
}

/** @source `center`: torchvision, `transforms.functional.center_crop`; `center_floor`: Keras, `layers.CenterCrop` */
function cropped(full: Dimensions, { width, height, crop }: ImageInput): Box {
  const margin = (whole: number, part: number) =>
    crop === 'center' ? roundHalfEven((whole - part) / 2) : Math.trunc((whole - part) / 2);
  return { left: margin(full.width, width), top: margin(full.height, height), width, height };
}

/** @param picture upright */
export function geometryOf(picture: Dimensions, input: ImageInput): PictureGeometry {
  const { mode, edge } = input.resize;
  if (mode === 'cover') return cover(picture, input);
  if (mode === 'contain') return contain(picture, input);
  const { width, height } = input;
  const square = edge === undefined ? { width, height } : { width: edge, height: edge };
  const full = mode === 'shortest_edge' && edge !== undefined ? shortestEdge(picture, edge) : square;
  const kept = edge === undefined ? wholeOf(full) : cropped(full, input);
  return { box: wholeOf(picture), full, kept, placed: ORIGIN };
}

/** Whether a picture of the model's size passes as it is. */
export function keepsOwnSize({ width, height, resize: { edge } }: ImageInput): boolean {
  return edge === undefined || (edge === width && edge === height);
}
