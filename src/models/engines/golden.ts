import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import type { ModelVersion } from '../repository/model-version.js';
import type { Engine } from './engine.js';

/** A golden image of a manifest, decoded as the model's input. */
export const goldenPixelsSchema = z.object({
  image: z.string(),
  /** uint8 `[height, width, channels]` */
  pixels: z.instanceof(Uint8Array),
  probabilities: z.array(z.number()),
  tolerance: z.number(),
});

export type GoldenPixels = Readonly<z.infer<typeof goldenPixelsSchema>>;

/** Compares an engine's answers with those that the source framework gave.
 * @throws FoveaError `model_invalid` when one is farther off than its tolerance */
export function checkGolden(
  engine: Engine,
  { manifest }: ModelVersion,
  golden: readonly GoldenPixels[],
): void {
  const answer = new Float32Array(manifest.labels.length);
  for (const { image, pixels, probabilities, tolerance } of golden) {
    engine.run(pixels, 1, answer);
    for (const [index, expected] of probabilities.entries()) {
      const got = answer[index] ?? Number.NaN;
      // Also true for NaN.
      if (Math.abs(got - expected) <= tolerance) continue;
      const where = `the engine ${engine.name} on ${engine.device} in ${engine.precision}`;
      const message = `The golden image ${image} should give ${manifest.labels[index]} ${expected} ± ${tolerance}, ${where} gives ${got.toFixed(4)}.`;
      throw new FoveaError('model_invalid', message);
    }
  }
}
