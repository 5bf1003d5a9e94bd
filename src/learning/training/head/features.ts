import { availableParallelism } from 'node:os';
import { ValueRunner } from '../../../models/engines/native/value-runner.js';
import type { TrainingPlan } from '../../../models/plan/plan.js';
import type { ImageInput } from '../../../models/repository/image-input.js';
import type { Images } from '../../datasets/labelled-images.js';
import type { FeatureCache } from './feature-cache.js';
import { type View, writeView } from './views.js';

/** Features of labelled images. */
export interface Features {
  /** float32 `[rows, width]` */
  readonly values: Float32Array;
  /** Class of each row; with several labels an image, the number of its label set. */
  readonly classes: readonly number[];
  /** Features of an image. */
  readonly width: number;
}

/** The rows of both. */
export function joined(a: Features, b: Features): Features {
  const values = new Float32Array(a.values.length + b.values.length);
  values.set(a.values);
  values.set(b.values, a.values.length);
  return { values, classes: [...a.classes, ...b.classes], width: a.width };
}

/** The first rows; shares the memory. */
export function firstRows({ values, classes, width }: Features, rows: number): Features {
  return { values: values.subarray(0, rows * width), classes: classes.slice(0, rows), width };
}

export interface FeatureOptions {
  /** Must not be used again. */
  readonly trunk: TrainingPlan;
  readonly input: ImageInput;
  /** Features of earlier trainings; undefined: all are computed. */
  readonly cache: FeatureCache | undefined;
  /** Called after each portion with its number of images; may throw. */
  readonly onImages: (images: number) => void;
}

/** An image in a view, and the row of its features. */
interface Task {
  readonly index: number;
  readonly view: View;
  readonly row: Float32Array;
}

/** Runs images through a trunk on the native engine. */
export class FeatureReader {
  readonly #options: Omit<FeatureOptions, 'trunk'>;
  readonly #width: number;
  readonly #runner: ValueRunner;

  /** @throws FoveaError `engine_unavailable` */
  constructor({ trunk, ...options }: FeatureOptions) {
    this.#options = options;
    this.#width = trunk.classes;
    this.#runner = new ValueRunner(trunk, options.input, availableParallelism());
  }

  /** @returns the rows of the first view, then those of the second, and so on */
  read(images: Images, indices: Uint32Array, views: readonly View[]): Features {
    const { cache, onImages } = this.#options;
    const width = this.#width;
    const values = new Float32Array(views.length * indices.length * width);
    const portion = this.#runner.portionRows;
    for (let start = 0; start < indices.length; start += portion) {
      const members = indices.subarray(start, start + portion);
      for (const [place, view] of views.entries()) {
        const at = (place * indices.length + start) * width;
        const tasks = [...members].map((index, row) => ({
          index,
          view,
          row: values.subarray(at + row * width, at + (row + 1) * width),
        }));
        this.#run(
          images,
          tasks.filter(({ index, row }) => cache?.read(images.fileDigestOf(index), view.name, row) !== true),
        );
      }
      onImages(members.length);
    }
    const classes = [...indices].map((index) => images.classOf(index));
    return { values, classes: views.flatMap(() => classes), width };
  }

  #run(images: Images, tasks: readonly Task[]): void {
    if (tasks.length === 0) return;
    const { input, cache } = this.#options;
    const width = this.#width;
    const pixels = new Uint8Array(tasks.length * images.rowBytes);
    for (const [place, { index, view }] of tasks.entries())
      writeView(
        images.row(index),
        input,
        view,
        pixels.subarray(place * images.rowBytes, (place + 1) * images.rowBytes),
      );
    const found = new Float32Array(tasks.length * width);
    this.#runner.run(pixels, tasks.length, found);
    for (const [place, { index, view, row }] of tasks.entries()) {
      row.set(found.subarray(place * width, (place + 1) * width));
      cache?.write(images.fileDigestOf(index), view.name, row);
    }
  }

  dispose(): void {
    this.#runner.dispose();
  }
}
