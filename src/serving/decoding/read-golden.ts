import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GoldenPixels } from '../../models/engines/golden.js';
import type { ModelVersion } from '../../models/repository/model-version.js';
import { decodeImage } from './decode.js';

/** Golden images are photographs, whatever clients may send. */
const LIMITS = { maxInputPixels: 50_000_000, timeoutSeconds: 60 };

/** Decodes the golden images of a version by the path that requests take, so that wrong preprocessing shows.
 * @throws FoveaError `undecodable_image`, `too_large` */
export async function readGolden({ directory, manifest }: ModelVersion): Promise<GoldenPixels[]> {
  const golden: GoldenPixels[] = [];
  for (const { image, probabilities, tolerance } of manifest.golden ?? []) {
    const { pixels } = await decodeImage(await readFile(join(directory, image)), manifest.input, LIMITS);
    golden.push({ image, pixels: Uint8Array.from(pixels), probabilities, tolerance });
  }
  return golden;
}
