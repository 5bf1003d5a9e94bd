import type { Logger } from 'pino';
import type { ErrorCode } from '../../../platform/errors.js';
import type { Predictions } from '../../../serving/predictions.js';
import type { Door } from '../../door/door.js';
import type { VideoLimits } from './videos.js';

/** Receives the outcome of each request. Its methods must not throw. */
export interface StreamObserver {
  requestAnswered(answer: {
    readonly protocol: string;
    readonly status: number;
    readonly seconds: number;
    /** Of a sampled request. */
    readonly traceId: string | undefined;
  }): void;
  requestFailed(code: ErrorCode): void;
}

export interface StreamSettings extends VideoLimits {
  /** Requests that may be in flight. */
  readonly window: number;
  /** Most images of one request. */
  readonly maxImages: number;
  /** From the request to its answer. */
  readonly requestTimeoutMs: number;
  /** Time without a request until the connection is closed; 0 for never. */
  readonly idleTimeoutMs: number;
  readonly authenticationTimeoutMs: number;
}

export interface StreamParts extends Pick<Door, 'state' | 'limits' | 'admission' | 'tracer'> {
  readonly predictions: Predictions;
  readonly settings: StreamSettings;
  readonly log: Pick<Logger, 'error'>;
  readonly observer: StreamObserver;
}

/** What the query of the connection says for all its requests. */
export interface StreamDefaults {
  readonly model: string | undefined;
  readonly version: number | undefined;
  readonly topK: number | undefined;
  readonly minConfidence: number | undefined;
}
