import type { Manifest } from './manifest.js';

/** A model version of a repository, with its parsed manifest. */
export interface ModelVersion {
  readonly model: string;
  readonly version: number;
  /** Absolute path of the folder that holds `manifest.json` and the files that it lists. */
  readonly directory: string;
  readonly manifest: Manifest;
}
