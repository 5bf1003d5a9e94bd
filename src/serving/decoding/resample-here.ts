import { setImmediate } from 'node:timers/promises';
import type { Resampling } from '../../../native/index.js';
import { type Axis, axesOf, type Window, windowsOf } from './resample-windows.js';

/** Rows between two turns of the event loop. */
const ROWS_A_TURN = 32;

/** Pillow's fixed point: 8 bits of a pixel, and two for what lies beyond black and white. */
const ONE = 2 ** 22;

interface Pass {
  /** With antialias: weights in fixed point, and whole levels between the passes. */
  readonly isFixed: boolean;
  readonly channels: number;
}

function greyOf(pixels: Uint8Array): Uint8Array {
  const grey = new Uint8Array(pixels.length / 3);
  for (let place = 0; place < grey.length; place++) {
    const [red = 0, green = 0, blue = 0] = pixels.subarray(3 * place, 3 * place + 3);
    grey[place] = (red * 19_595 + green * 38_470 + blue * 7_471 + 0x80_00) >> 16;
  }
  return grey;
}

function levelOf(sum: number, isFixed: boolean): number {
  const level = isFixed ? Math.floor((sum + ONE / 2) / ONE) : Math.floor(sum + 0.5);
  return Math.max(0, Math.min(255, level));
}

/** @param from the first value of the first pixel of the window @param step from one pixel to the next */
function weigh(values: Uint8Array | Float32Array, { weights }: Window, from: number, step: number): number {
  let sum = 0;
  for (let tap = 0; tap < weights.length; tap++)
    sum += (values[from + tap * step] ?? 0) * (weights[tap] ?? 0);
  return sum;
}

/** Rows of the picture, resampled across. */
async function acrossOf(
  rows: Iterable<number>,
  rowAt: (row: number) => Uint8Array,
  { axis, windows, isFixed, channels }: Pass & { readonly axis: Axis; readonly windows: readonly Window[] },
): Promise<Map<number, Uint8Array | Float32Array>> {
  const result = new Map<number, Uint8Array | Float32Array>();
  for (const row of rows) {
    if (result.size % ROWS_A_TURN === 0) await setImmediate();
    const values = rowAt(row);
    const out = isFixed ? new Uint8Array(axis.count * channels) : new Float32Array(axis.count * channels);
    for (const [index, window] of windows.entries())
      for (let channel = 0; channel < channels; channel++) {
        const sum = weigh(values, window, window.first * channels + channel, channels);
        out[index * channels + channel] = isFixed ? levelOf(sum, true) : sum;
      }
    result.set(row, out);
  }
  return result;
}

/** The rows that a pass down reads. */
function* rowsOf(windows: readonly Window[]): Generator<number> {
  const last = windows.at(-1);
  const end = last === undefined ? 0 : last.first + last.weights.length;
  for (let row = windows[0]?.first ?? 0; row < end; row++) yield row;
}

/** What `native/resample.cc` does, on the calling thread, for a machine without the addon. Lets the event loop turn between rows. */
export async function resampleHere(pixels: Uint8Array, how: Resampling, out: Uint8Array): Promise<void> {
  const channels = how.toGrey ? 1 : how.channels;
  const source = how.toGrey ? greyOf(pixels) : pixels;
  const { across, down } = axesOf(how);
  const isFixed = how.antialias || how.interpolation === 'nearest';
  const columns = windowsOf(across, how.interpolation);
  const rows = windowsOf(down, how.interpolation);
  const rowAt = (row: number) => {
    const start = ((how.boxTop + row) * how.width + how.boxLeft) * channels;
    return source.subarray(start, start + how.boxWidth * channels);
  };
  const wanted = how.interpolation === 'nearest' ? new Set(rows.map(({ first }) => first)) : rowsOf(rows);
  const between = await acrossOf(wanted, rowAt, { axis: across, windows: columns, isFixed, channels });
  const rowValues = across.count * channels;
  for (const [index, { first, weights }] of rows.entries()) {
    if (index % ROWS_A_TURN === 0) await setImmediate();
    for (let at = 0; at < rowValues; at++) {
      let sum = 0;
      for (let tap = 0; tap < weights.length; tap++)
        sum += (between.get(first + tap)?.[at] ?? 0) * (weights[tap] ?? 0);
      out[index * rowValues + at] = levelOf(sum, isFixed);
    }
  }
}
