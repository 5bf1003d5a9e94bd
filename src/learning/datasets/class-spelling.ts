import { FoveaError } from '../../platform/errors.js';

/** A name without the differences that a person would take for a slip: case, and spaces. */
function spelled(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, ' ');
}

/** The first two names that differ only in case and spaces; undefined where there are none. */
export function twiceNamed(names: readonly string[]): readonly [string, string] | undefined {
  const seen = new Map<string, string>();
  for (const name of names) {
    const earlier = seen.get(spelled(name));
    if (earlier !== undefined) return [earlier, name];
    seen.set(spelled(name), name);
  }
  return undefined;
}

/** @throws FoveaError `dataset_invalid` for two names that differ only in case and spaces */
export function requireDistinctNames(names: readonly string[]): void {
  const twice = twiceNamed(names);
  if (twice === undefined) return;
  throw new FoveaError(
    'dataset_invalid',
    `The classes ${JSON.stringify(twice[0])} and ${JSON.stringify(twice[1])} differ only in case or spaces. Give one class one name.`,
    { details: { classes: twice } },
  );
}
