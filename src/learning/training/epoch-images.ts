import { randomFor } from './augment.js';
import { concatenate, shuffle } from './split.js';
import type { DataPart } from './training-data.js';

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
