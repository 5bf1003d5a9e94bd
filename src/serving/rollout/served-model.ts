import type { Classifier } from './classifier.js';

/** A model version in service. */
export interface ServedModel {
  readonly classifier: Classifier;
  /** Its layers, as text for people. */
  readonly summary: string;
}

/** Which model and version a request insists on; undefined leaves it to the server. */
export interface AskedModel {
  readonly model?: string | undefined;
  readonly version?: number | undefined;
}

/** How one model stands. */
export interface ModelState {
  readonly name: string;
  readonly isDefault: boolean;
  /** Null while nobody has asked for the model. */
  readonly activeVersion: number | null;
  /** Every version that has instances. */
  readonly versions: readonly number[];
  /** Why it cannot be loaded. */
  readonly problem: string | null;
}

/** The models of a repository, for whoever has an image. */
export interface ModelChooser {
  /** Loads a model that nobody has asked for yet; undefined when there is nothing to wait for.
   * @throws FoveaError (as rejection) `model_invalid`, `engine_unavailable`, `engine_failed` */
  prepare(model: string | undefined): Promise<void> | undefined;
  /** The version whose turn it is, or the one asked for.
   * @throws FoveaError `not_found`, `model_not_ready` */
  choose(asked: AskedModel): ServedModel;
  /** The active version of a model, the default one unless it is named; undefined where it is not loaded. */
  activeOf(model: string | undefined): ServedModel | undefined;
  readonly states: readonly ModelState[];
  /** Versions that see a copy of what this one answers. */
  shadowsOf(primary: ServedModel): readonly ServedModel[];
}
