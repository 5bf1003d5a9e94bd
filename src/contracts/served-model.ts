import type { Classifier } from './classifier.js';

/** A model version in service. */
export interface ServedModel {
  readonly classifier: Classifier;
  /** Its layers, as text for people. */
  readonly summary: string;
}
