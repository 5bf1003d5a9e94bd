import type { FoveaError } from '../../../platform/errors.js';
import type { Outcome } from '../../../serving/prediction.js';
import type { ClientMessage, StreamRequest } from './stream-request.js';

/** What the server tells at the start, and again after an authentication. */
export interface Hello {
  readonly protocol: string;
  readonly connection_id: string;
  readonly server_version: string;
  /** Requests that may be in flight. */
  readonly window: number;
  readonly max_message_bytes: number;
  /** Most images of one request. */
  readonly max_images: number;
  readonly idle_timeout_ms: number;
  /** The model of the connection's query, else the default model; null while it is not loaded. */
  readonly model: {
    readonly name: string;
    readonly version: number;
    readonly labels: readonly string[];
    readonly input: { readonly height: number; readonly width: number; readonly channels: number };
    /** Only of a `multi` model: probability from which each label counts, in the order of `labels`. */
    readonly thresholds?: readonly number[];
  } | null;
}

/** The outcomes of one request, in the order of its images. At least one is a prediction. */
export interface Answered {
  readonly request: StreamRequest;
  /** `Call.id` */
  readonly requestId: string;
  readonly outcomes: readonly Outcome[];
  /** Undefined: none was asked for. */
  readonly topK: number | undefined;
  readonly minConfidence: number;
}

/** All images of the request were predicted, or only some. */
export const ANSWER_STATUS = { whole: 200, partial: 207 } as const;

/** A failed request, or with id 0 a message whose id could not be read. */
export interface Failed {
  readonly id: number;
  /** Undefined where there was no request. */
  readonly requestId: string | undefined;
  readonly error: FoveaError;
}

/** Text frames are strings, binary frames bytes. */
export type ServerMessage = string | Uint8Array;

/** One sub-protocol: frames ↔ requests and answers. It may remember a part of a message; each connection has its own. */
export interface Codec {
  /** Never throws.
   * @param message the bytes of an image or tensor are a view of it, not a copy
   * @returns undefined when the frame that follows is a part of this message */
  read(message: Uint8Array, isBinary: boolean): ClientMessage | undefined;
  hello(hello: Hello): ServerMessage;
  answer(answered: Answered): ServerMessage;
  error(failed: Failed): ServerMessage;
}
