/** A name in lower case without punctuation; a name of nothing but punctuation stays as it is. */
export function foldName(name: string): string {
  const folded = name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  return folded === '' ? name : folded;
}

/** Finds names among a model's labels: the same name, else one that differs only in case and punctuation.
 * @returns a function that gives the index; undefined when no label matches */
export function labelFinder(labels: readonly string[]): (name: string) => number | undefined {
  const exact = new Map(labels.map((label, index) => [label, index]));
  let folded: Map<string, number> | undefined;
  return (name) => {
    const index = exact.get(name);
    if (index !== undefined) return index;
    folded ??= new Map(labels.map((label, place) => [foldName(label), place]));
    return folded.get(foldName(name));
  };
}

/** The labels that a filter means: the same name, else those that differ only in case and punctuation. */
export function labelsNamed(name: string, labels: readonly string[]): string[] {
  if (labels.includes(name)) return [name];
  const folded = foldName(name);
  return labels.filter((label) => foldName(label) === folded);
}
