/** `points` in each window of `seconds`. */
export interface Rate {
  readonly points: number;
  readonly seconds: number;
}

const SECONDS_OF: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600, d: 86_400 };
const RATE = /^(\d{1,12})\/(s|min|h|d)$/;

/** Reads a rate such as `30/min`, or `off`.
 * @returns undefined when `text` is neither */
export function parseRate(text: string): Rate | 'off' | undefined {
  if (text === 'off') return 'off';
  const [, points, unit = ''] = RATE.exec(text) ?? [];
  const seconds = SECONDS_OF[unit];
  if (points === undefined || seconds === undefined || Number(points) === 0) return undefined;
  return { points: Number(points), seconds };
}
