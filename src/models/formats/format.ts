import type { TrainingPlan } from '../plan/plan.js';
import type { ModelVersion } from '../repository/model-version.js';

/** A plan, or the layer that no plan can express. */
export type Compiled =
  | { readonly plan: TrainingPlan }
  | { readonly unsupported: { readonly layer: string; readonly reason: string } };

/** One row of the summary of a model. */
export interface LayerSummary {
  readonly name: string;
  /** As the format calls it, such as `Conv2D`. */
  readonly kind: string;
  /** Numbers in the layer's weights. */
  readonly parameters: number;
}

/** A model version whose files were read by their format. Each format adds what only it has, in a class of its own. */
export interface ModelSource {
  /** The format's name. */
  readonly format: string;
  readonly version: ModelVersion;
  /** In the order of the file. */
  readonly layers: readonly LayerSummary[];
  /** Reads the weights and compiles the model, not folded yet. The first call does the work, later calls share it.
   * @throws FoveaError `model_invalid` */
  plan(): Promise<Compiled>;
}

/** A format of model files. A new format is a folder beside this file and a line in `formats.ts`. */
export interface ModelFormat {
  readonly name: string;
  /** The files that `recognizes` looks for, in words for an error message. */
  readonly files: string;
  /** Whether a version's folder holds a model of this format. Damaged files count: `open` says what is wrong. */
  recognizes(directory: string): Promise<boolean>;
  /** Reads the structure of the model; the weights stay on the disk until `plan` or the format's own methods need them.
   * @throws FoveaError `model_invalid` */
  open(version: ModelVersion): Promise<ModelSource>;
}
