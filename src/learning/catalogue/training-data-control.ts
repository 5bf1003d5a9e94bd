import type { ModelVersion } from '../../models/repository/model-version.js';
import type { Catalogue } from './catalogue.js';
import type { FeedbackImagesOptions } from './feedback-images.js';

/** Uploaded training images and their limits, as fronts add, list and remove them. */
export interface TrainingDataControl extends FeedbackImagesOptions {
  readonly catalogue: Catalogue;
  /** Largest upload. */
  readonly maxBytes: number;
  /** Longest upload. */
  readonly timeoutMs: number;
  /** Images that one upload may hold. */
  readonly maxImages: number;
  /** The active version of a model.
   * @param model undefined: the default model
   * @throws FoveaError `not_found`, `model_not_ready` */
  readonly active: (model: string | undefined) => Promise<ModelVersion>;
}
