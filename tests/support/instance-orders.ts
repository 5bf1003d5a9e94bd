/**
 * Values of a batch's first pixel that control `misbehaving-instance.ts`. Orders ending in `Once` succeed on the
 * retry.
 */
export const ORDERS = { answer: 0, dieOnce: 1, die: 2, hangOnce: 3, fail: 4 } as const;
