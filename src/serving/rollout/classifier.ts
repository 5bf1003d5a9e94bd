import type { ModelVersion } from '../../models/repository/model-version.js';

/** One image on its way to a model. */
export interface ClassifyRequest {
  /** uint8 `[height, width, channels]` as the model's manifest wants it. Copied before `classify` returns. */
  readonly pixels: Uint8Array;
  /** On the clock of `performance.now()`; a request that no batch took by then fails with `deadline_exceeded`. */
  readonly deadlineMs: number;
  /** Asked when a batch is formed: true drops the row before it costs anything. */
  readonly isCancelled: () => boolean;
}

export interface Classification {
  /** float32 `[classes]`, sums to 1; the caller's own copy. */
  readonly probabilities: Float32Array;
  /** From `classify` until the row's batch went to an instance. */
  readonly queueMs: number;
  /** The batch's time inside the engine. */
  readonly inferenceMs: number;
  /** Images in the batch that this one ran in. */
  readonly batchRows: number;
}

/** What runs a model version, as reported by its instances once they were ready. */
export interface EngineInfo {
  readonly name: string;
  readonly device: string;
  readonly precision: string;
  readonly instances: number;
  /** Batch size at which throughput per image stops improving. */
  readonly saturationRows: number;
  /** Why better engines were passed over, one line each; empty when the first choice runs. */
  readonly passedOver: readonly string[];
}

/** A model version in service: queue, batches and instances behind one call. */
export interface Classifier {
  readonly version: ModelVersion;
  readonly engine: EngineInfo;
  /** Images that wait for an instance. */
  readonly queuedRows: number;
  /** @throws FoveaError `overloaded`, `deadline_exceeded`, `cancelled`, `draining`, `engine_failed`, `model_not_ready` */
  classify(request: ClassifyRequest): Promise<Classification>;
  /** Refuses new rows, lets those inside finish, then ends the instances. */
  drain(): Promise<void>;
}
