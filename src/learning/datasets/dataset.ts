import type { LabelledImages } from './labelled-images.js';

export const SPLITS = ['train', 'test'] as const;

export type Split = (typeof SPLITS)[number];

/** A data set in memory. */
export interface Dataset {
  /** Describes the source and the encoding of its images; stored in the manifest. */
  readonly description: string;
  /** Class names; a class's index is its position. */
  readonly labels: readonly string[];
  readonly train: LabelledImages;
  /** Empty when the source has no test split. */
  readonly test: LabelledImages;
}

/** One image as its source stores it. */
export interface SourceImage {
  readonly split: Split;
  /** Name of its class: the folder's name, or CIFAR-10's. */
  readonly className: string;
  /** An encoded image file, or raw pixels, as the source's `encoding` says. */
  readonly bytes: Uint8Array;
  /** SHA-256 of `bytes` in hexadecimal, when the source knows it. */
  readonly sha256?: string;
}

/** A source of images. Yields each image once; the order is the source's. */
export interface ImageSource {
  readonly description: string;
  /** `file`: `bytes` is an encoded image; `pixels`: uint8 `[height, width, channels]` of exactly the model's input. */
  readonly encoding: 'file' | 'pixels';
  /**
   * True for the catalogue, which grows: images are sorted by hash, so that new images do not change the order of
   * earlier ones, and class names are the labels.
   */
  readonly isCatalogue?: boolean;
  /** @param splits wanted splits; the source may skip others */
  images(splits?: readonly Split[]): AsyncIterable<SourceImage>;
}
