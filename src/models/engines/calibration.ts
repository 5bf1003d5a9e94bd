import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Manifest } from '../repository/manifest.js';

/** The file in a version's folder; in the state directory it is named by `weightsDigest`. */
export const CALIBRATION_FILE = 'calibration.json';

/** The ranges of a model version's values on images of its training split. int8 derives its scales from them. */
export const calibrationSchema = z.strictObject({
  format: z.literal(1),
  /** Images that the ranges were measured on. */
  images: z.int().positive(),
  /** `[smallest, largest]` of the input and of each step's output, in the order of the folded plan. */
  ranges: z.array(z.tuple([z.number(), z.number()])).min(1),
  /** Shares of right answers on validation images, in float32 and in int8 by these ranges. Absent in older files, and where
   * the processor that wrote the file does not compute in int8. */
  accuracy: z
    .strictObject({
      images: z.int().positive(),
      float32: z.number().min(0).max(1),
      int8: z.number().min(0).max(1),
    })
    .optional(),
});

export type Calibration = z.infer<typeof calibrationSchema>;

/** Identifies the weights of a version, independent of its folder: the sha256 of the weight file, or of the sha256s of
 * several weight files. */
export function weightsDigest({ files, golden = [] }: Manifest): string {
  const images = new Set(golden.map(({ image }) => image));
  const weights = Object.entries(files).filter(([name]) => !name.endsWith('.json') && !images.has(name));
  const digests = weights.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { sha256 }]) => sha256);
  const [only] = digests;
  return digests.length === 1 && only !== undefined
    ? only
    : createHash('sha256').update(digests.join('\n')).digest('hex');
}
