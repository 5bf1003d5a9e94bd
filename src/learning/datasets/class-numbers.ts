import { FoveaError } from '../../platform/errors.js';
import { foldName, labelFinder } from '../../platform/match-label.js';

const NUMBER = /^\d+$/;

/** Sorts numbers by value (`2` before `10`) and other names by code units. */
export function sortClassNames(names: Iterable<string>): string[] {
  return [...names].toSorted((a, b) => {
    if (NUMBER.test(a) && NUMBER.test(b)) return Number(a) - Number(b);
    return a < b ? -1 : 1;
  });
}

/**
 * Replaces the sorted class names by other names.
 * @throws FoveaError `dataset_invalid` when their count differs from the classes
 */
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
  /** The known labels, then new labels. */
  readonly labels: readonly string[];
  /** Index in `labels` of each given class. */
  readonly numbers: readonly number[];
}

/**
 * Finds each name among the known labels: first the same name, else one that differs only in case and punctuation.
 * Unknown names are appended.
 */
export function numberLabels(names: readonly string[], known: readonly string[]): NumberedClasses {
  const numberOf = labelFinder(known);
  const added = names.filter((name) => numberOf(name) === undefined);
  return {
    labels: [...known, ...added],
    numbers: names.map((name) => numberOf(name) ?? known.length + added.indexOf(name)),
  };
}

/**
 * Finds the classes of a data set among the known labels; appends unknown classes.
 * A class matches by name, ignoring case and punctuation. If all class names are numbers (as in IDX files), they
 * match by number. If no name matches but the counts are equal, classes match by position.
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
