import type { ImageSize } from '../../repository/image-input.js';
import type { Engine } from '../engine.js';

/** Whether an engine computes finite numbers for an image of noise, which reaches larger values than a grey one. */
export function isFiniteOnNoise(engine: Engine, input: ImageSize, classes: number): boolean {
  const pixels = new Uint8Array(input.height * input.width * input.channels);
  for (let index = 0; index < pixels.length; index++) pixels[index] = Math.imul(index, 2_654_435_761) >>> 24;
  const outputs = new Float32Array(classes);
  engine.run(pixels, 1, outputs);
  return outputs.every(Number.isFinite);
}
