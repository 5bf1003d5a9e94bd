import { randomUUID } from 'node:crypto';
import type { NativeAddon, NativePlan } from '../../../../native/index.js';
import type { Compiled } from '../../formats/format.js';
import type { ImageInput } from '../../repository/image-input.js';
import type { Calibration } from '../calibration.js';
import type { AnswerScore } from './answer-score.js';
import { openNative } from './load.js';
import { nativePlan } from './native-plan.js';

const PORTION_ROWS = 8;

/** An image, and how right an answer to it is. */
export interface LabelledRow {
  /** uint8 `[height, width, channels]`; copied before the next one is read */
  readonly pixels: Uint8Array;
  readonly scoreOf: AnswerScore;
}

interface Form {
  readonly input: ImageInput;
  /** Outputs in front that are no labels. */
  readonly dropFirst: number;
}

/**
 * Measures what int8 costs: the shares of right answers in float32 and in int8 on the same images.
 * @param rows of the validation split
 * @returns undefined where this processor does not compute in int8, or there are no images
 * @throws FoveaError `engine_unavailable`, `model_invalid`
 */
export function int8Accuracy(
  compiled: Compiled,
  { input, dropFirst }: Form,
  calibration: Calibration,
  rows: Iterable<LabelledRow>,
): Calibration['accuracy'] {
  const { addon, plan } = openNative(compiled);
  if (!addon.hasInt8) return undefined;
  const plans = [
    nativePlan({ plan, input, precision: 'float32' }),
    nativePlan({ plan, input, precision: 'int8', calibration }),
  ];
  const { images, right } = countRight(addon, plans, dropFirst, rows);
  if (images === 0) return undefined;
  const [float32 = 0, int8 = 0] = right.map((count) => count / images);
  return { images, float32, int8 };
}

/** Adds up, for each plan, how right its answers are. */
export function countRight(
  addon: NativeAddon,
  plans: readonly NativePlan[],
  dropFirst: number,
  rows: Iterable<LabelledRow>,
): { images: number; right: number[] } {
  const counters = plans.map((plan) => new Counter(addon, plan, dropFirst));
  let images = 0;
  try {
    const portion: LabelledRow[] = [];
    const run = () => {
      for (const counter of counters) counter.count(portion);
      images += portion.length;
      portion.length = 0;
    };
    for (const { pixels, scoreOf } of rows) {
      portion.push({ pixels: pixels.slice(), scoreOf });
      if (portion.length === PORTION_ROWS) run();
    }
    if (portion.length > 0) run();
    return { images, right: counters.map(({ right }) => right) };
  } finally {
    for (const counter of counters) counter.dispose();
  }
}

/** Counts the right answers of one plan. */
class Counter {
  right: number = 0;
  readonly #classes: number;
  readonly #dropFirst: number;
  readonly #instance: InstanceType<NativeAddon['NativeInstance']>;
  readonly #outputs: Float32Array;

  constructor(addon: NativeAddon, plan: NativePlan, dropFirst: number) {
    this.#classes = plan.classes;
    this.#dropFirst = dropFirst;
    this.#instance = new addon.NativeInstance(`accuracy ${randomUUID()}`, plan, PORTION_ROWS, 1, 1);
    this.#outputs = new Float32Array(PORTION_ROWS * plan.classes);
  }

  count(portion: readonly LabelledRow[]): void {
    this.#instance.predict(Buffer.concat(portion.map(({ pixels }) => pixels)), portion.length, this.#outputs);
    for (const [row, { scoreOf }] of portion.entries()) {
      const first = row * this.#classes;
      this.right += scoreOf(this.#outputs.subarray(first + this.#dropFirst, first + this.#classes));
    }
  }

  dispose(): void {
    this.#instance.dispose();
  }
}
