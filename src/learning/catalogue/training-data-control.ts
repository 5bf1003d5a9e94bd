import type { ModelVersion } from '../../models/repository/model-version.js';
import type { Catalogue } from './catalogue.js';
import type { FeedbackImagesOptions } from './feedback-images.js';

/** The catalogue and its limits, as the fronts use them. */
export interface TrainingDataControl extends FeedbackImagesOptions {
  readonly catalogue: Catalogue;
  /** Largest body of an upload. */
  readonly maxBytes: number;
  /** Longest duration of an upload. */
  readonly timeoutMs: number;
  /** Most images in one upload. */
  readonly maxImages: number;
  /**
   * Finds the active version of a model.
   * @param model undefined: the default model
   * @throws FoveaError `not_found`, `model_not_ready`
   */
  readonly active: (model: string | undefined) => Promise<ModelVersion>;
}
