/** Milliseconds of the parts of a prediction; undefined: the server did not say. */
export interface Times {
  readonly queue: number;
  readonly decode: number;
  readonly inference: number;
  /** From sending the image to reading the answer. */
  readonly total: number;
}

/** Reads the header Server-Timing, such as `queue;dur=0.1, decode;dur=2`. */
export function timesOf(header: string, total: number): Times {
  const found = new Map<string, number>();
  for (const [, name = '', ms] of header.matchAll(/([\w-]+);dur=([\d.]+)/g)) found.set(name, Number(ms));
  const of = (name: string): number => found.get(name) ?? 0;
  return { queue: of('queue'), decode: of('decode'), inference: of('inference'), total };
}
