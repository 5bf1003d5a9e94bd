import { sortClassNames } from './class-numbers.js';
import { requireDistinctNames } from './class-spelling.js';
import type { Dataset } from './dataset.js';
import { readLabelSets } from './label-sets.js';

/** Data sets whose images have any number of labels. */
export interface SeveralLabels {
  /** The known labels, then new ones, sorted. */
  readonly labels: readonly string[];
  /** All sets of labels that an image has, by number. */
  readonly labelSets: readonly ReadonlySet<number>[];
  /** Name of each set, for messages. */
  readonly names: readonly string[];
}

/** The same labels in another order are the same set. */
function keyOf(labels: ReadonlySet<number>): string {
  return [...labels].sort((a, b) => a - b).join(' ');
}

/**
 * Reads the classes of data sets as texts of several labels, and numbers the images by the sets of labels that they mean. Names that
 * `known` lacks become labels. An image without labels has the empty set: it shows what no label looks like.
 * @param datasets their images' classes are numbered anew
 * @throws FoveaError `dataset_invalid` for two names of one label
 */
export function readSeveralLabels(datasets: readonly Dataset[], known: readonly string[]): SeveralLabels {
  const texts = datasets.flatMap((dataset) => dataset.labels);
  const added = sortClassNames(readLabelSets(texts, known).unknown);
  requireDistinctNames(added);
  const labels = [...known, ...added];
  const labelSets: ReadonlySet<number>[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (set: ReadonlySet<number>): number => {
    const key = keyOf(set);
    const number = numbers.get(key) ?? labelSets.length;
    if (number === labelSets.length) labelSets.push(set);
    numbers.set(key, number);
    return number;
  };
  for (const { labels: own, train, test } of datasets) {
    const finalIndex = readLabelSets(own, labels).sets.map(numberOf);
    for (const images of [train, test]) images.renumberClasses(finalIndex);
  }
  const nameOf = (set: ReadonlySet<number>) =>
    [...set].map((label) => labels[label]).join(' and ') || 'no label';
  return { labels, labelSets, names: labelSets.map(nameOf) };
}
