import { randomFor } from './augment.js';
import { shuffle } from './split.js';
import type { DataPart } from './training-data.js';

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

/**
 * Which images an epoch sees, some of them several times: of a source of weight 2.5 each twice, and a random half once
 * more. There are as many in every epoch, and the same in one that is run again.
 * @param epoch 1, 2, …
 */
export function imagesOfEpoch(
  parts: readonly Pick<DataPart, 'train' | 'weight'>[],
  seed: number,
  epoch: number,
): Uint32Array {
  const lists = parts.flatMap(({ train, weight }, place) => {
    const copies = Math.floor(weight);
    const order = train.slice();
    const more = Math.round((weight - copies) * train.length);
    // Negative: the positive numbers are those of the epochs' orders.
    if (more > 0) shuffle(order, randomFor(seed, -(epoch * parts.length + place)));
    return [...new Array<Uint32Array>(copies).fill(train), order.subarray(0, more)];
  });
  return concatenate(lists);
}
