/**
 * Gives labels of one name different names, because answers, feedback, history and statistics know a class by its label: `crane`
 * and `crane` of ImageNet become `crane (n02012849)` and `crane (n03126707)`, without ids `crane (134)` and `crane (517)`.
 * @param ids in the order of the labels
 */
export function uniqueLabels(labels: readonly string[], ids: readonly string[] | undefined): string[] {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const taken = new Set(labels.filter((label) => counts.get(label) === 1));
  return labels.map((label, index) => {
    if (counts.get(label) === 1) return label;
    const named = `${label} (${ids?.[index] ?? index})`;
    // Another label, or another id, may read just so.
    const unique = taken.has(named) ? `${named} (${index})` : named;
    taken.add(unique);
    return unique;
  });
}
