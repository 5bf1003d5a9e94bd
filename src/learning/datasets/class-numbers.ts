import { FoveaError } from '../../platform/errors.js';
import { foldName } from '../../platform/match-label.js';

const NUMBER = /^\d+$/;

/** Sorted as people would: `2` before `10`, everything else by its code units. */
export function sortClassNames(names: Iterable<string>): string[] {
  return [...names].toSorted((a, b) => {
    if (NUMBER.test(a) && NUMBER.test(b)) return Number(a) - Number(b);
    return a < b ? -1 : 1;
  });
}

/** Other names for the classes, by their order.
 * @throws FoveaError `dataset_invalid` when there are more or fewer of them than classes */
export function renameClasses(
  classNames: readonly string[],
  labels: readonly string[] | undefined,
): readonly string[] {
  if (labels === undefined || labels.length === classNames.length) return labels ?? classNames;
  throw new FoveaError(
    'dataset_invalid',
    `The data has ${classNames.length} classes, not ${labels.length}.`,
    {
      details: { classes: classNames, labels },
    },
  );
}

export interface NumberedClasses {
  /** The known labels, then those that the data adds. */
  readonly labels: readonly string[];
  /** The number of each class, in the order in which they were given. */
  readonly numbers: readonly number[];
}

/** Finds labels among those that a model knows, by their names alone: the same name, else one that differs in case and
 * punctuation only. What it does not know gets the next numbers. */
export function numberLabels(names: readonly string[], known: readonly string[]): NumberedClasses {
  const exact = new Map(known.map((label, index) => [label, index]));
  const folded = new Map(known.map((label, index) => [foldName(label), index]));
  const numberOf = (name: string) => exact.get(name) ?? folded.get(foldName(name));
  const added = names.filter((name) => numberOf(name) === undefined);
  return {
    labels: [...known, ...added],
    numbers: names.map((name) => numberOf(name) ?? known.length + added.indexOf(name)),
  };
}

/**
 * Finds the classes of a data set among the labels that a model knows; what it does not know gets the next numbers.
 *
 * A class is known by its name, whatever its case and punctuation; by its number, where the data has nothing but
 * numbers, as IDX files do; or by its place, where no name is known but there are as many classes as labels.
 * @param classNames sorted
 */
export function numberClasses(classNames: readonly string[], known: readonly string[]): NumberedClasses {
  const knownNames = new Set(known.map(foldName));
  if (!classNames.some((name) => knownNames.has(foldName(name)))) {
    const byNumber = classNames.map((name) => (NUMBER.test(name) ? Number(name) : known.length));
    if (byNumber.every((number) => number < known.length)) return { labels: known, numbers: byNumber };
    if (classNames.length === known.length) return { labels: known, numbers: [...known.keys()] };
  }
  return numberLabels(classNames, known);
}
