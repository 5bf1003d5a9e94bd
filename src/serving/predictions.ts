import type { PredictionSource } from '../insight/history/history.js';
import type { Call } from './call.js';
import type { ModelInput } from './model-input.js';
import type { Outcome, Prediction } from './prediction.js';

/** Options of a prediction. */
export interface Ask {
  /** Undefined: the default model. */
  readonly model?: string | undefined;
  /** Undefined: the next version by the traffic split. */
  readonly version?: number | undefined;
  /** Number of top classes to rank; undefined: the manifest's `top_k`, or none. */
  readonly topK?: number | undefined;
  /** Kind of request, for the history. */
  readonly source: PredictionSource;
}

/** The prediction service of all fronts. Fronts check admission, rate limits and the server's phase before. */
export interface Predictions {
  /** @throws FoveaError `not_found`, `model_not_ready`, `model_invalid`, `engine_unavailable` from the choice of the model;
   * `bad_request`, `undecodable_image`, `too_large` of the image; `overloaded`, `deadline_exceeded`, `cancelled`,
   * `draining`, `engine_failed`; `history_failed` when the history is strict */
  predict(input: ModelInput, ask: Ask, call: Call): Promise<Prediction>;
  /** Predicts all images on one version. Each image has its own result or error. Charges the call for each image after the first.
   * @returns outcomes in the order of `inputs`
   * @throws FoveaError from the choice of the model, `overloaded`, `rate_limited` */
  predictMany(inputs: readonly ModelInput[], ask: Ask, call: Call): Promise<readonly Outcome[]>;
}
