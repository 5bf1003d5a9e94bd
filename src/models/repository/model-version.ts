import { z } from 'zod';
import { type Manifest, manifestSchema } from './manifest.js';

/** A model version of a repository, with its parsed manifest. */
export interface ModelVersion {
  readonly model: string;
  readonly version: number;
  /** Absolute path of the folder that holds `manifest.json` and the files that it lists. */
  readonly directory: string;
  readonly manifest: Manifest;
}

/** A version as a message between threads or processes. */
export const modelVersionSchema = z.strictObject({
  model: z.string(),
  version: z.int(),
  directory: z.string(),
  manifest: manifestSchema,
});
