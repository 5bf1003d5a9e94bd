import type { RandomGenerator } from 'pure-rand';
import type { LabelledImages } from '../datasets/labelled-images.js';
import { integerBetween, randomFor } from './augment.js';

/** Puts the numbers in random order, in place.
 * @source Fisher and Yates, in Durstenfeld's form */
export function shuffle(indices: Uint32Array, random: RandomGenerator): void {
  for (let last = indices.length - 1; last > 0; last--) {
    const other = integerBetween(0, last, random);
    const value = indices[last] ?? 0;
    indices[last] = indices[other] ?? 0;
    indices[other] = value;
  }
}

export interface Split {
  /** Indices into the images. */
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
}

/** The same for every training: images that one version was validated by must not train the next. */
const SPLIT_SEED = 1;

/** Holds back a random `share` of every class; the same images whenever the data is the same. */
export function splitByClass(images: LabelledImages, share: number): Split {
  const random = randomFor(SPLIT_SEED, 0);
  const byClass = new Map<number, number[]>();
  for (let index = 0; index < images.length; index++) {
    const classIndex = images.classOf(index);
    const members = byClass.get(classIndex);
    if (members === undefined) byClass.set(classIndex, [index]);
    else members.push(index);
  }
  const train: number[] = [];
  const validation: number[] = [];
  for (const members of byClass.values()) {
    const order = Uint32Array.from(members);
    shuffle(order, random);
    const held = Math.max(1, Math.round(order.length * share));
    validation.push(...order.subarray(0, held));
    train.push(...order.subarray(held));
  }
  return { train: Uint32Array.from(train), validation: Uint32Array.from(validation) };
}
