import type { PredictionSource } from '../insight/history/history.js';
import type { Call } from './call.js';
import type { ModelInput } from './model-input.js';
import type { Outcome, Prediction } from './prediction.js';

/** What a call wants to know, and of which model. */
export interface Ask {
  /** Undefined: the default model. */
  readonly model?: string | undefined;
  /** Undefined: the version whose turn it is. */
  readonly version?: number | undefined;
  /** How many of the likeliest classes to rank; undefined for none. */
  readonly topK?: number | undefined;
  /** By which way it was asked, for the history. */
  readonly source: PredictionSource;
}

/** The product: every front answers its clients through it. Admission, limits of one call and phases are the front's. */
export interface Predictions {
  /** @throws FoveaError `not_found`, `model_not_ready`, `model_invalid`, `engine_unavailable` of the choice of a model;
   * `bad_request`, `undecodable_image`, `too_large` of the image; `overloaded`, `deadline_exceeded`, `cancelled`,
   * `draining`, `engine_failed`; `history_failed` when the history is strict */
  predict(input: ModelInput, ask: Ask, call: Call): Promise<Prediction>;
  /** One version answers all; each image is answered, or fails, by itself. Charges the call for the images after the first.
   * @returns outcomes in the order of `inputs`
   * @throws FoveaError of the choice of a model, `overloaded`, `rate_limited` */
  predictMany(inputs: readonly ModelInput[], ask: Ask, call: Call): Promise<readonly Outcome[]>;
}
