import { randomFor } from './augment.js';
import { concatenate, shuffle } from './split.js';
import type { DataPart } from './training-data.js';

/**
 * The images of an epoch, some of them several times. A source of weight 2.5 yields each image twice, and a random
 * half of them once more. Every epoch has the same number of images. A repeated epoch has the same images.
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
    // The negative number separates this generator from the one that shuffles the epoch.
    if (more > 0) shuffle(order, randomFor(seed, -(epoch * parts.length + place)));
    return [...new Array<Uint32Array>(copies).fill(train), order.subarray(0, more)];
  });
  return concatenate(lists);
}
