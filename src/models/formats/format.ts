import type { TrainingPlan } from '../plan/plan.js';
import type { ModelVersion } from '../repository/model-version.js';

/** A plan, or the layer that no plan can express. */
export type Compiled =
  | { readonly plan: TrainingPlan }
  | { readonly unsupported: { readonly layer: string; readonly reason: string } };

/** One row of the summary of a model. */
export interface LayerSummary {
  readonly name: string;
  /** The format's name for it, such as `Conv2D`. */
  readonly kind: string;
  /** Count of numbers in the layer's weights. */
  readonly parameters: number;
}

/** An opened model version. Each format implements it by its own class, which may have further methods. */
export interface ModelSource {
  /** The format's name. */
  readonly format: string;
  readonly version: ModelVersion;
  /** In the order of the file. */
  readonly layers: readonly LayerSummary[];
  /** Reads the weights and compiles the model to an unfolded plan. Later calls return the result of the first call.
   * @throws FoveaError `model_invalid` */
  plan(): Promise<Compiled>;
  /** Lets go of what `plan` has read; the next call reads it again. For engines, before they make their own copy of the weights. */
  forget(): void;
}

/** A format of model files. A new format is a folder beside this file and a line in `formats.ts`. */
export interface ModelFormat {
  readonly name: string;
  /** The files that `recognizes` looks for, for an error message. */
  readonly files: string;
  /** Whether a version's folder holds a model of this format. True for damaged files, too: `open` says what is wrong. */
  recognizes(directory: string): Promise<boolean>;
  /** Reads the structure of the model, but no weights: `plan` and the format's own methods read them.
   * @throws FoveaError `model_invalid` */
  open(version: ModelVersion): Promise<ModelSource>;
}
