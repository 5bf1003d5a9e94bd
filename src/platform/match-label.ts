/** A name in lower case without punctuation; a name of nothing but punctuation stays as it is. */
export function foldName(name: string): string {
  const folded = name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  return folded === '' ? name : folded;
}

/** Finds a name among a model's labels: the same name, else one that differs only in case and punctuation.
 * @returns its index; undefined when no label matches */
export function matchLabel(name: string, labels: readonly string[]): number | undefined {
  const exact = labels.indexOf(name);
  if (exact >= 0) return exact;
  const folded = foldName(name);
  const index = labels.findLastIndex((label) => foldName(label) === folded);
  return index < 0 ? undefined : index;
}

/** The labels that a filter means: the same name, else those that differ only in case and punctuation. */
export function labelsNamed(name: string, labels: readonly string[]): string[] {
  if (labels.includes(name)) return [name];
  const folded = foldName(name);
  return labels.filter((label) => foldName(label) === folded);
}
