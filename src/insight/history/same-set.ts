/** Whether two lists without duplicates have the same members, in any order. */
export function isSameSet(a: readonly number[], b: readonly number[]): boolean {
  const members = new Set(a);
  return a.length === b.length && b.every((ref) => members.has(ref));
}
