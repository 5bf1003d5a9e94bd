import type { ImageInput } from '../repository/image-input.js';
import type { EngineInput } from './engine.js';

const LEVELS = 256;

/** For each channel of a model, what each of the 256 pixel values becomes, one table behind another. */
export function channelTables({ channels, scale, offset }: ImageInput): Float32Array {
  return Float32Array.from({ length: channels * LEVELS }, (_, index) => {
    const channel = Math.floor(index / LEVELS);
    return (index % LEVELS) * (scale[channel] ?? 1) + (offset[channel] ?? 0);
  });
}

/** For each channel of a model, the channel of a pixel that it is read from: pixels are always red, green, blue. */
export function sourceChannels({ channels, color_order: order }: ImageInput): readonly number[] {
  const places = Array.from({ length: channels }, (_, channel) => channel);
  return order === 'bgr' ? places.reverse() : places;
}

/** Turns the input of an engine into the numbers that a model's file takes: scaled, in its order of colours, in its layout. */
export class InputValues {
  readonly #tables: Float32Array;
  readonly #sources: readonly number[];
  readonly #channels: number;
  readonly #places: number;
  readonly #isPlanar: boolean;

  /** @param layout of the values; engines that execute plans take `nhwc`, whatever the file has */
  constructor(input: ImageInput, layout: ImageInput['layout'] = 'nhwc') {
    this.#tables = channelTables(input);
    this.#sources = sourceChannels(input);
    this.#channels = input.channels;
    this.#places = input.height * input.width;
    this.#isPlanar = layout === 'nchw';
  }

  /**
   * @param input `[rows or more, height, width, channels]`; only read
   * @param out float32 `[rows or more, …]` of the layout; the first `rows` images are written whole
   */
  write(input: EngineInput, rows: number, out: Float32Array): void {
    if (input instanceof Uint8Array) this.#writePixels(input, rows, out);
    else if (this.#isPlanar) this.#writePlanes(input, rows, out);
    else out.set(input.subarray(0, rows * this.#places * this.#channels));
  }

  #writePixels(pixels: Uint8Array, rows: number, out: Float32Array): void {
    const channels = this.#channels;
    const places = this.#places;
    const step = this.#isPlanar ? 1 : channels;
    for (let row = 0; row < rows; row++) {
      const start = row * places * channels;
      for (let channel = 0; channel < channels; channel++) {
        const table = this.#tables.subarray(channel * LEVELS, (channel + 1) * LEVELS);
        let from = start + (this.#sources[channel] ?? 0);
        let to = start + channel * (this.#isPlanar ? places : 1);
        for (let place = 0; place < places; place++) {
          out[to] = table[pixels[from] ?? 0] ?? 0;
          from += channels;
          to += step;
        }
      }
    }
  }

  #writePlanes(numbers: Float32Array, rows: number, out: Float32Array): void {
    const channels = this.#channels;
    const places = this.#places;
    for (let row = 0; row < rows; row++) {
      const start = row * places * channels;
      for (let channel = 0; channel < channels; channel++) {
        const to = start + channel * places;
        for (let place = 0; place < places; place++)
          out[to + place] = numbers[start + place * channels + channel] ?? 0;
      }
    }
  }
}
