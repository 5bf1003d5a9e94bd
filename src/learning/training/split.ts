import type { RandomGenerator } from 'pure-rand';
import type { Images } from '../datasets/labelled-images.js';
import { integerBetween, randomFor } from './augment.js';

/** Concatenates index lists. */
export function concatenate(lists: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const list of lists) {
    all.set(list, end);
    end += list.length;
  }
  return all;
}

/**
 * Shuffles in place.
 * @source Fisher and Yates, in Durstenfeld's form
 */
export function shuffle(indices: Uint32Array, random: RandomGenerator): void {
  for (let last = indices.length - 1; last > 0; last--) {
    const other = integerBetween(0, last, random);
    const value = indices[last] ?? 0;
    indices[last] = indices[other] ?? 0;
    indices[other] = value;
  }
}

export interface Split {
  /** Indices of images. */
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
}

/** Constant over all trainings, because validation images of one version must not be training images of the next. */
export const SPLIT_SEED = 1;

/** Number of validation images of a class. A class with one member has one in a data set, none in the catalogue. */
export function heldOf(members: number, share: number, isCatalogue: boolean): number {
  return isCatalogue && members === 1 ? 0 : Math.max(1, Math.round(members * share));
}

/**
 * Holds back a random `share` of every class. The same data yields the same images.
 * @param isCatalogue images are sorted by hash, which is random enough: the lowest hashes are held back, so that
 *   added images change the choice little
 */
export function splitByClass(images: Images, share: number, isCatalogue = false): Split {
  const random = randomFor(SPLIT_SEED, 0);
  const byClass = new Map<number, number[]>();
  for (let index = 0; index < images.length; index++) {
    const classIndex = images.classOf(index);
    const members = byClass.get(classIndex);
    if (members === undefined) byClass.set(classIndex, [index]);
    else members.push(index);
  }
  const train: Uint32Array[] = [];
  const validation: Uint32Array[] = [];
  for (const members of byClass.values()) {
    const order = Uint32Array.from(members);
    if (!isCatalogue) shuffle(order, random);
    const held = heldOf(order.length, share, isCatalogue);
    validation.push(order.subarray(0, held));
    train.push(order.subarray(held));
  }
  return { train: concatenate(train), validation: concatenate(validation) };
}
