import type { Scaling } from './fact-values.js';

/** How a network scales its images itself. */
export interface InnerScaling {
  readonly layer: string;
  /** The pixels that it expects. */
  readonly range: '0..255' | '0..1';
}

/** The scaling that gives a network the pixels that its own scaling expects. */
export const EXPECTED_PIXELS: Readonly<Record<InnerScaling['range'], Scaling>> = {
  '0..255': { scale: [1], offset: [0] },
  '0..1': { scale: [1 / 255], offset: [0] },
};

/** Far above 1 / 255 divided by ImageNet's deviations, which is 0.018. */
const SCALE_OF_UNIT_PIXELS = 0.2;
/** Far below Caffe's means, which are 103 and more. */
const SHIFT_OF_BYTE_PIXELS = 10;

/** Infers the pixels that a network expects from its first operations: a scaling that makes a few standard deviations of
 * 0..1 would make hundreds of 0..255.
 * @param operations `[scale, shift]` of each, of one channel */
export function innerScaling(
  layer: string,
  operations: readonly (readonly [number, number])[],
): InnerScaling {
  let [scale, shift] = [1, 0];
  for (const [factor, summand] of operations) [scale, shift] = [scale * factor, shift * factor + summand];
  const takesUnitPixels = Math.abs(scale) > SCALE_OF_UNIT_PIXELS && Math.abs(shift) < SHIFT_OF_BYTE_PIXELS;
  return { layer, range: takesUnitPixels ? '0..1' : '0..255' };
}
