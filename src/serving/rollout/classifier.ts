import type { InputType } from '../../models/engines/engine.js';
import type { PrecisionDecision } from '../../models/engines/precision/decide.js';
import type { ModelVersion } from '../../models/repository/model-version.js';
import type { RowType } from '../model-input.js';

/** One image to classify. */
export interface ClassifyRequest {
  /** `[height, width, channels]` of the manifest's input, little-endian, of any alignment; or an image file that is no longer than its
   * pixels. Copied before `classify` returns. */
  readonly bytes: Uint8Array;
  /** `uint8`: pixels. `file`: an image file. Otherwise the numbers that the model sees. */
  readonly type: RowType;
  /** On the clock of `performance.now()`. A row that is still queued then fails with `deadline_exceeded`. */
  readonly deadlineMs: number;
  /** Called when a batch leaves. True drops the row, so that it costs no inference. */
  readonly isCancelled: () => boolean;
}

export interface Classification {
  /** float32 `[classes]`, sums to 1; the caller's own copy. */
  readonly probabilities: Float32Array;
  /** Time from `classify` until the batch left. */
  readonly queueMs: number;
  /** Time for the files of the batch; undefined for an image that came as numbers. */
  readonly decodeMs?: number | undefined;
  /** Run time of the batch in the engine. */
  readonly inferenceMs: number;
  /** Images in the batch. */
  readonly batchRows: number;
  /** Computes how unusual the image's features are, as `unusualnessOf` does; only of heads that know it. */
  readonly distance?: () => number;
}

/** The engine of a model version, as its instances reported it when they were ready. */
export interface EngineInfo {
  readonly name: string;
  readonly device: string;
  readonly precision: string;
  readonly instances: number;
  /** What a batch may hold. */
  readonly inputTypes: readonly InputType[];
  /** Batch size at which throughput per image stops improving. */
  readonly saturationRows: number;
  /** Why preferred engines were not used, one line each. */
  readonly passedOver: readonly string[];
  /** How precision `auto` was decided; null when a precision was asked for, or the engine decided by itself. */
  readonly autoPrecision: PrecisionDecision | null;
}

/** A model version in service: queue, batches and instances. */
export interface Classifier {
  readonly version: ModelVersion;
  readonly engine: EngineInfo;
  /** Images that wait for an instance. */
  readonly queuedRows: number;
  /** @throws UndecodedFile for a file that must be decoded otherwise; FoveaError `bad_request` for numbers that are not finite, `overloaded`, `deadline_exceeded`, `cancelled`, `draining`, `engine_failed`, `model_not_ready` */
  classify(request: ClassifyRequest): Promise<Classification>;
  /** Refuses new rows, waits for queued rows, then ends the instances. */
  drain(): Promise<void>;
}
