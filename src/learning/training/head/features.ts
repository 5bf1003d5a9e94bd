import { availableParallelism } from 'node:os';
import { ValueRunner } from '../../../models/engines/native/value-runner.js';
import type { TrainingPlan } from '../../../models/plan/plan.js';
import type { ImageInput } from '../../../models/repository/image-input.js';
import type { Images } from '../../datasets/labelled-images.js';

/** Features of labelled images. */
export interface Features {
  /** float32 `[rows, width]` */
  readonly values: Float32Array;
  /** Class of each row. */
  readonly classes: readonly number[];
  /** Features of an image. */
  readonly width: number;
}

export interface FeatureOptions {
  readonly trunk: TrainingPlan;
  readonly input: ImageInput;
  /** Called after each portion with its number of images; may throw. */
  readonly onImages: (images: number) => void;
}

/** Writes an image with left and right exchanged. */
function mirror(pixels: Uint8Array, { width, channels }: ImageInput, out: Uint8Array): void {
  const rowBytes = width * channels;
  for (let at = 0; at < pixels.length; at += channels) {
    const column = (at % rowBytes) / channels;
    const from = at - column * channels + (width - 1 - column) * channels;
    for (let channel = 0; channel < channels; channel++) out[at + channel] = pixels[from + channel] ?? 0;
  }
}

/** Runs images through a trunk on the native engine. */
export class FeatureReader {
  readonly #options: FeatureOptions;
  readonly #runner: ValueRunner;

  /** @throws FoveaError `engine_unavailable` */
  constructor(options: FeatureOptions) {
    this.#options = options;
    this.#runner = new ValueRunner(options.trunk, options.input, availableParallelism());
  }

  /** @param isMirrored adds a mirrored view of each image, after all images */
  read(images: Images, indices: Uint32Array, isMirrored: boolean): Features {
    const { classes: width } = this.#options.trunk;
    const views = isMirrored ? 2 : 1;
    const values = new Float32Array(views * indices.length * width);
    const portion = this.#runner.portionRows;
    for (let start = 0; start < indices.length; start += portion) {
      const members = indices.subarray(start, start + portion);
      for (let view = 0; view < views; view++) {
        const at = (view * indices.length + start) * width;
        this.#run(images, members, view === 1, values.subarray(at, at + members.length * width));
      }
      this.#options.onImages(members.length);
    }
    const classes = [...indices].map((index) => images.classOf(index));
    return { values, classes: isMirrored ? [...classes, ...classes] : classes, width };
  }

  #run(images: Images, members: Uint32Array, isMirrored: boolean, out: Float32Array): void {
    const pixels = new Uint8Array(members.length * images.rowBytes);
    members.forEach((index, row) => {
      const place = pixels.subarray(row * images.rowBytes, (row + 1) * images.rowBytes);
      if (isMirrored) mirror(images.row(index), this.#options.input, place);
      else place.set(images.row(index));
    });
    this.#runner.run(pixels, members.length, out);
  }

  dispose(): void {
    this.#runner.dispose();
  }
}
