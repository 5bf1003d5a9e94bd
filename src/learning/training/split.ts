import type { RandomGenerator } from 'pure-rand';
import type { Images } from '../datasets/labelled-images.js';
import { integerBetween, randomFor } from './augment.js';

/** Indices behind one another. */
export function concatenate(lists: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const list of lists) {
    all.set(list, end);
    end += list.length;
  }
  return all;
}

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

/** How many of a class are held back. Of a data set every class is; of uploads one alone rather trains. */
function heldOf(members: number, share: number, isCatalogue: boolean): number {
  return isCatalogue && members === 1 ? 0 : Math.max(1, Math.round(members * share));
}

/** Holds back a random `share` of every class; the same images whenever the data is the same.
 * @param isCatalogue the images come by their digests, which is random enough: those with the lowest are held back, so
 *   that they are nearly the same ones when others have joined them */
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
