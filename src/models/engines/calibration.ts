import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Manifest } from '../repository/manifest.js';

/** The file in a version's folder; in the state directory it is named by `weightsDigest`. */
export const CALIBRATION_FILE = 'calibration.json';

/** What int8 needs to know of a model version: how large its values get on images like those it was trained on. */
export const calibrationSchema = z.strictObject({
  format: z.literal(1),
  /** How many were looked at. */
  images: z.int().positive(),
  /** `[smallest, largest]` of the input and of each step's output, in the order of the folded plan. */
  ranges: z.array(z.tuple([z.number(), z.number()])).min(1),
});

export type Calibration = z.infer<typeof calibrationSchema>;

/** Names the weights of a version, whatever the folder that they lie in: the sha256 of their file, or of the sha256s
 * of several. */
export function weightsDigest({ files }: Manifest): string {
  const weights = Object.entries(files).filter(([name]) => !name.endsWith('.json'));
  const digests = weights.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { sha256 }]) => sha256);
  const [only] = digests;
  return digests.length === 1 && only !== undefined
    ? only
    : createHash('sha256').update(digests.join('\n')).digest('hex');
}
