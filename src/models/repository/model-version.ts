import type { Manifest } from './manifest.js';

/** A model version that was found in a repository and whose manifest was read and checked. */
export interface ModelVersion {
  readonly model: string;
  readonly version: number;
  /** Absolute path of the folder that holds `manifest.json`, `model.json` and `weights.bin`. */
  readonly directory: string;
  readonly manifest: Manifest;
}
