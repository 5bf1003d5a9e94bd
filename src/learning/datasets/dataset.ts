import type { LabelledImages } from './labelled-images.js';

export const SPLITS = ['train', 'test'] as const;

export type Split = (typeof SPLITS)[number];

/** A data set, read whole. */
export interface Dataset {
  /** What it is and how its images were encoded, for the manifest. */
  readonly description: string;
  /** Class names; a class's index is its place here. */
  readonly labels: readonly string[];
  readonly train: LabelledImages;
  /** Empty where the source has no test split. */
  readonly test: LabelledImages;
}

/** One image as a source holds it. */
export interface SourceImage {
  readonly split: Split;
  /** Name of its class: the folder's, or CIFAR-10's. */
  readonly className: string;
  /** Encoded image file, or raw pixels where the source says so. */
  readonly bytes: Uint8Array;
  /** Of `bytes`, in hexadecimal, where the source knows it. */
  readonly sha256?: string;
}

/** Where images come from: yields each once, in an order of its own. */
export interface ImageSource {
  readonly description: string;
  /** `file`: `bytes` is an encoded image; `pixels`: uint8 `[height, width, channels]` of exactly the model's input. */
  readonly encoding: 'file' | 'pixels';
  /** The catalogue grows: its images come by their digests, so that what is there keeps its order as others join, and
   * its classes are labels as they stand, whichever others there are. */
  readonly isCatalogue?: boolean;
  /** @param splits that are wanted; what lies in others may be left unread */
  images(splits?: readonly Split[]): AsyncIterable<SourceImage>;
}
