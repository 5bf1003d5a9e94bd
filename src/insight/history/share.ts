/** Mean or share; null where there is nothing to divide by. */
export function share(sum: number, of: number): number | null {
  return of === 0 ? null : sum / of;
}
