/** `sum / of`; null when `of` is 0. */
export function share(sum: number, of: number): number | null {
  return of === 0 ? null : sum / of;
}
