/** What the first pixel of a batch tells `misbehaving-instance.ts` to do; `…Once`: and then to answer when retried. */
export const ORDERS = { answer: 0, dieOnce: 1, die: 2, hangOnce: 3, fail: 4 } as const;
