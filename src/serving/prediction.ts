import type { ModelVersion } from '../models/repository/model-version.js';
import type { FoveaError } from '../platform/errors.js';

/** A class by its rank. */
export interface RankedClass {
  readonly label: string;
  readonly classIndex: number;
  /** 0..1 */
  readonly confidence: number;
}

/** Where one image's time went, in milliseconds. */
export interface Timings {
  readonly queueMs: number;
  /** 0 for pixels. */
  readonly decodeMs: number;
  readonly inferenceMs: number;
}

/** What a model version says of one image, as values. Each front writes it in the words of its protocol. */
export interface Prediction {
  /** UUIDv7. The history knows the prediction by it, and takes feedback. */
  readonly id: string;
  readonly version: ModelVersion;
  /** The likeliest class. */
  readonly label: string;
  readonly classIndex: number;
  /** 0..1 */
  readonly confidence: number;
  /** float32 `[labels]`, in the order of the manifest's labels; only to be read. */
  readonly probabilities: Float32Array;
  /** The likeliest classes in order, where they were asked for. */
  readonly topK: readonly RankedClass[] | undefined;
  /** From the image's arrival, without its upload, to its answer. */
  readonly predictionMs: number;
  readonly answeredAt: Date;
  readonly timings: Timings;
}

/** What became of one image. */
export type Outcome = Prediction | FoveaError;
