import { FoveaError } from '../../../platform/errors.js';

/** Ids are 1..2³²−1. 0 stands for the connection itself. */
export const MAX_ID = 0xffff_ffff;
export const CONNECTION_ID = 0;

/** The images of one request. */
export type StreamImages =
  | { readonly kind: 'encoded'; readonly bytes: Uint8Array }
  /** uint8 `[count, height, width, channels]` of the model's input. */
  | {
      readonly kind: 'pixels';
      readonly bytes: Uint8Array;
      readonly count: number;
      /** Whether `bytes` lie in the memory of the frame: see `PixelTensor`. */
      readonly isBorrowed?: boolean;
    };

/** One request of a stream, the same in every sub-protocol. */
export interface StreamRequest {
  /** Chosen by the client; the answer has it too. */
  readonly id: number;
  readonly images: StreamImages;
  /** Undefined: what the connection's query says, as for the next three. */
  readonly model: string | undefined;
  readonly version: number | undefined;
  readonly topK: number | undefined;
  readonly minConfidence: number | undefined;
  /** Time limit of this request; undefined: the server's. */
  readonly deadlineMs: number | undefined;
  /** Number of the video that the image is from. */
  readonly video: number;
  /** Whether a newer frame of the video may take its place before it is decoded. */
  readonly isDroppable: boolean;
  /** Answers of the video to average, this one included; 1 for none. */
  readonly smoothing: number;
  /** Whether the answer shall have the prediction ids; JSON answers always have them. */
  readonly wantsIds: boolean;
}

/** A message of a client. */
export type ClientMessage =
  | { readonly kind: 'predict'; readonly request: StreamRequest }
  | { readonly kind: 'authenticate'; readonly id: number; readonly key: string }
  /** `id` is 0 where it could not be read. */
  | { readonly kind: 'malformed'; readonly id: number; readonly error: FoveaError };

export function malformed(id: number, message: string): ClientMessage {
  return { kind: 'malformed', id, error: new FoveaError('bad_request', message) };
}

export function imageCountOf({ images }: StreamRequest): number {
  return images.kind === 'encoded' ? 1 : images.count;
}
