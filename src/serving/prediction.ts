import type { ModelVersion } from '../models/repository/model-version.js';
import type { FoveaError } from '../platform/errors.js';

/** A class and its probability. */
export interface RankedClass {
  readonly label: string;
  readonly classIndex: number;
  /** 0..1 */
  readonly confidence: number;
}

/** Times of one image's steps, in milliseconds. */
export interface Timings {
  readonly queueMs: number;
  /** 0 for numbers. */
  readonly decodeMs: number;
  readonly inferenceMs: number;
}

/** Result for one image. Each front translates it to its protocol. */
export interface Prediction {
  /** UUIDv7. Id of the prediction in the history; feedback refers to it. */
  readonly id: string;
  readonly version: ModelVersion;
  /** Label of the top class. */
  readonly label: string;
  readonly classIndex: number;
  /** 0..1 */
  readonly confidence: number;
  /** float32 `[labels]`, in the order of the manifest's labels; read-only. */
  readonly probabilities: Float32Array;
  /** The top classes in order; undefined unless the client or the manifest asks for them. */
  readonly topK: readonly RankedClass[] | undefined;
  /** Labels that reach their threshold, highest first; undefined unless the manifest's task is `multi`. */
  readonly labels: readonly RankedClass[] | undefined;
  /** Whether the image is like none of the classes; undefined unless the manifest has a limit and the version knows distances. */
  readonly isUnfamiliar: boolean | undefined;
  /** Time from the received request to the result; excludes the upload. */
  readonly predictionMs: number;
  readonly answeredAt: Date;
  readonly timings: Timings;
  /** Damage of the image file that does not touch the picture, one sentence each. */
  readonly warnings: readonly string[];
}

/** Result or error of one image. */
export type Outcome = Prediction | FoveaError;
