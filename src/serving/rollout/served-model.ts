import type { Classifier } from './classifier.js';

/** A model version in service. */
export interface ServedModel {
  readonly classifier: Classifier;
  /** The model's layers as readable text. */
  readonly summary: string;
}

/** The model and version that a request names; undefined: the server chooses. */
export interface AskedModel {
  readonly model?: string | undefined;
  readonly version?: number | undefined;
}

/** State of one model. */
export interface ModelState {
  readonly name: string;
  readonly isDefault: boolean;
  /** Null until the model was loaded. */
  readonly activeVersion: number | null;
  /** All versions that have instances. */
  readonly versions: readonly number[];
  /** Whether an operator unloaded it: it answers `model_not_ready` until it is loaded again. */
  readonly isUnloaded: boolean;
  /** Why the model cannot be loaded. */
  readonly problem: string | null;
}

/** Chooses the model version for an image. */
export interface ModelChooser {
  /** Loads a model at its first use; undefined when the model is loaded.
   * @throws FoveaError (as rejection) `model_invalid`, `engine_unavailable`, `engine_failed` */
  prepare(model: string | undefined): Promise<void> | undefined;
  /** The requested version, or the next one by weight.
   * @throws FoveaError `not_found`, `model_not_ready` */
  choose(asked: AskedModel): ServedModel;
  /** The active version of a model; undefined when it is not loaded.
   * @param model undefined: the default model */
  activeOf(model: string | undefined): ServedModel | undefined;
  readonly states: readonly ModelState[];
  /** State of the model that a request names; undefined when there is none. */
  stateOf(model: string): ModelState | undefined;
  /** The versions that get a copy of each image that `primary` answers. */
  shadowsOf(primary: ServedModel): readonly ServedModel[];
}
