import type { Images } from '../datasets/labelled-images.js';
import { randomFor } from './augment.js';
import { heldOf, SPLIT_SEED, type Split, shuffle } from './split.js';

export interface SplitRule {
  /** Of the images of each label that are held back. */
  readonly share: number;
  /** As `splitByClass` has it. */
  readonly isCatalogue: boolean;
}

/** Key of images without labels. */
const NO_LABEL = -1;

/** Images by label, the rarest label first. */
function membersByLabel(
  images: Images,
  labelSets: readonly ReadonlySet<number>[],
  order: Uint32Array,
): number[][] {
  const members = new Map<number, number[]>();
  for (const index of order) {
    const labels = labelSets[images.classOf(index)] ?? new Set();
    for (const label of labels.size === 0 ? [NO_LABEL] : labels) {
      const others = members.get(label);
      if (others === undefined) members.set(label, [index]);
      else others.push(index);
    }
  }
  return [...members.values()].sort((a, b) => a.length - b.length);
}

/**
 * Holds back a random share of the images of every label. The rarest label chooses first, because its few images must lie on both
 * sides. The same data yields the same images.
 * @param labelSets by the class number of an image
 * @source Sechidis et al., "On the Stratification of Multi-Label Data" (2011), for two sides
 */
export function splitByLabels(
  images: Images,
  labelSets: readonly ReadonlySet<number>[],
  { share, isCatalogue }: SplitRule,
): Split {
  const order = Uint32Array.from({ length: images.length }, (_, index) => index);
  if (!isCatalogue) shuffle(order, randomFor(SPLIT_SEED, 0));
  const isHeld = new Map<number, boolean>();
  for (const members of membersByLabel(images, labelSets, order)) {
    const already = members.filter((index) => isHeld.get(index)).length;
    let wanted = heldOf(members.length, share, isCatalogue) - already;
    for (const index of members) {
      if (isHeld.has(index)) continue;
      isHeld.set(index, wanted > 0);
      wanted -= 1;
    }
  }
  return {
    train: order.filter((index) => !isHeld.get(index)),
    validation: order.filter((index) => isHeld.get(index)),
  };
}
