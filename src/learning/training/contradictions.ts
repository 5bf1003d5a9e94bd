import { FoveaError } from '../../platform/errors.js';
import type { Dataset } from '../datasets/dataset.js';

const MOST_NAMED = 20;

/** @param labels names of the classes, or of the label sets
 * @throws FoveaError `dataset_invalid` when a file of the data set is in two classes: no network can learn both */
export function requireOneClass({ train, test }: Dataset, labels: readonly string[]): void {
  const classes = new Map<string, number>();
  const contradictions = new Map<string, string>();
  for (const images of [train, test]) {
    for (let index = 0; index < images.length; index++) {
      const digest = images.fileDigestOf(index);
      const label = images.classOf(index);
      const earlier = classes.get(digest) ?? label;
      classes.set(digest, earlier);
      if (earlier !== label) contradictions.set(digest, `${labels[earlier]} and ${labels[label]}`);
    }
  }
  const [first] = contradictions;
  if (first === undefined) return;
  throw new FoveaError(
    'dataset_invalid',
    `${contradictions.size === 1 ? 'An image is' : `${contradictions.size} images are`} in two classes, first that of SHA-256 ${first[0]}: in ${first[1]}. Keep one of them.`,
    { details: { images: [...contradictions.keys()].slice(0, MOST_NAMED) } },
  );
}
