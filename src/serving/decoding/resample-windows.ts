import type { Resampling } from '../../../native/index.js';

/** One direction of a resampling. */
export interface Axis {
  /** Pixels of the source. */
  readonly size: number;
  /** Pixels of the whole result. */
  readonly full: number;
  /** The pixels of the result that are computed. */
  readonly start: number;
  readonly count: number;
  readonly antialias: boolean;
  readonly alignCorners: boolean;
}

/** The pixels of the source that one pixel of the result is made of. */
export interface Window {
  readonly first: number;
  readonly weights: Float64Array;
}

type Interpolation = Resampling['interpolation'];

/** Pillow's fixed point. */
const ONE = 2 ** 22;

export function axesOf(how: Resampling): { readonly across: Axis; readonly down: Axis } {
  const { antialias, alignCorners } = how;
  return {
    across: {
      size: how.boxWidth,
      full: how.fullWidth,
      start: how.left,
      count: how.outWidth,
      antialias,
      alignCorners,
    },
    down: {
      size: how.boxHeight,
      full: how.fullHeight,
      start: how.top,
      count: how.outHeight,
      antialias,
      alignCorners,
    },
  };
}

/** Pixels of the source for one of the result. */
function stepOf({ size, full, alignCorners }: Axis): number {
  if (!alignCorners) return size / full;
  return full > 1 ? (size - 1) / (full - 1) : 0;
}

const SUPPORT: Readonly<Record<Interpolation, number>> = { nearest: 0, bilinear: 1, bicubic: 2, lanczos3: 3 };

function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

function kernelAt(interpolation: Interpolation, x: number): number {
  if (interpolation === 'bicubic') return cubic(x);
  if (interpolation === 'lanczos3') return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
  return Math.max(0, 1 - Math.abs(x));
}

/** The same as in `native/resample_kernel.h`. */
function windowAt(axis: Axis, interpolation: Interpolation, index: number): Window {
  const step = stepOf(axis);
  const widening = axis.antialias ? Math.max(1, step) : 1;
  const narrowing = 1 / widening;
  const support = SUPPORT[interpolation] * widening;
  const center = axis.alignCorners ? index * step + 0.5 : (index + 0.5) * step;
  const first = Math.max(0, Math.trunc(center - support + 0.5));
  const end = Math.min(axis.size, Math.trunc(center + support + 0.5));
  const weights = Float64Array.from({ length: end - first }, (_, at) =>
    kernelAt(interpolation, (first + at - center + 0.5) * narrowing),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const whole = weights.map((weight) => (sum === 0 ? weight : weight / sum));
  if (!axis.antialias) return { first, weights: whole };
  const toFixed = (weight: number) => Math.trunc(weight * ONE + (weight < 0 ? -0.5 : 0.5));
  return { first, weights: whole.map(toFixed) };
}

/** Whole pixels. The places add up in steps, because Pillow's do: their rounding decides ties. */
function nearestWindows(axis: Axis): Window[] {
  const step = stepOf(axis);
  const windows: Window[] = [];
  let at = axis.alignCorners ? 0.5 : step * 0.5;
  for (let index = 0; index < axis.start + axis.count; index++, at += step) {
    const first = Math.max(0, Math.min(axis.size - 1, Math.trunc(at)));
    if (index >= axis.start) windows.push({ first, weights: Float64Array.of(ONE) });
  }
  return windows;
}

/** One for each pixel of the result that is computed. */
export function windowsOf(axis: Axis, interpolation: Interpolation): Window[] {
  if (interpolation === 'nearest') return nearestWindows(axis);
  return Array.from({ length: axis.count }, (_, index) => windowAt(axis, interpolation, axis.start + index));
}
