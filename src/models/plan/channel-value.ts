/** @returns `values[channel]`; NaN behind the end, so that a plan with too few values fails its warm-up */
export function channelValue(values: Float32Array, channel: number): number {
  return values[channel] ?? Number.NaN;
}
