import { NO_PADDING, type Padding, type Pair } from '../../../plan/plan.js';

/** A filter or pool that moves over an image. */
export interface Window {
  readonly size: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
}

/** The padding of `padding: "same"`: the output has ceil(input / stride) rows; an odd row or column is added at the end.
 * @source https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2 */
export function samePadding(height: number, width: number, window: Window): Padding {
  const [top, bottom] = sidesOf(height, window.size[0], window.strides[0], window.dilations[0]);
  const [left, right] = sidesOf(width, window.size[1], window.strides[1], window.dilations[1]);
  return { top, bottom, left, right };
}

export function paddingOf(mode: 'same' | 'valid', height: number, width: number, window: Window): Padding {
  return mode === 'same' ? samePadding(height, width, window) : NO_PADDING;
}

/** `[height, width]` of the window's output. */
export function outputSize(height: number, width: number, window: Window, padding: Padding): Pair {
  const { size, strides, dilations } = window;
  return [
    stepsOf(height + padding.top + padding.bottom, size[0], strides[0], dilations[0]),
    stepsOf(width + padding.left + padding.right, size[1], strides[1], dilations[1]),
  ];
}

function sidesOf(input: number, size: number, stride: number, dilation: number): Pair {
  const steps = Math.ceil(input / stride);
  const total = Math.max(0, (steps - 1) * stride + reachOf(size, dilation) - input);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

function stepsOf(input: number, size: number, stride: number, dilation: number): number {
  return Math.floor((input - reachOf(size, dilation)) / stride) + 1;
}

function reachOf(size: number, dilation: number): number {
  return (size - 1) * dilation + 1;
}
