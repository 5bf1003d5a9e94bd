import type { Manifest } from '../../src/models/repository/manifest.js';

/** What the network of a version sees of photographs: float32, channels first. */
export function networkInput({ input }: Manifest, pixels: Uint8Array): Float32Array {
  const { height, width, channels, scale, offset, color_order: order } = input;
  const size = height * width;
  const at = (numbers: number | readonly number[], channel: number) =>
    typeof numbers === 'number' ? numbers : (numbers[channel] ?? 0);
  return Float32Array.from({ length: pixels.length }, (_, index) => {
    const [row, place] = [Math.floor(index / (size * channels)), index % (size * channels)];
    const channel = Math.floor(place / size);
    const source = order === 'bgr' ? channels - 1 - channel : channel;
    const pixel = pixels[(row * size + (place % size)) * channels + source] ?? 0;
    return pixel * at(scale, channel) + at(offset, channel);
  });
}
