import type { History } from '../../insight/history/history.js';
import type { Catalogue, Uploader } from './catalogue.js';
import type { FeedbackImagesOptions } from './feedback-images.js';

/** The catalogue and its limits, as the fronts use them. */
export interface TrainingDataControl extends FeedbackImagesOptions {
  readonly history: Pick<History, 'page' | 'byId' | 'feedback'>;
  readonly catalogue: Catalogue;
  /** Largest body of an upload. */
  readonly maxBytes: number;
  /** Longest duration of an upload. */
  readonly timeoutMs: number;
  /** Most images in one upload. */
  readonly maxImages: number;
  /**
   * What images of a model are uploaded for.
   * @param model undefined: the default model
   * @throws FoveaError `not_found`, `model_not_ready`
   */
  readonly subjectOf: (
    model: string | undefined,
  ) => Promise<Pick<Uploader, 'model' | 'labels' | 'labelIds' | 'input' | 'task'>>;
}
