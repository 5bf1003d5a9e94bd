import type { WireError } from '../errors.js';

/** A request to a database thread; the answer carries the same number. */
export interface Call<Request> {
  readonly call: number;
  readonly request: Request;
}

export type Answer =
  | { readonly call: number; readonly answer: unknown }
  /** `cause`: stack for the log, which a wire error does not carry. */
  | { readonly call: number; readonly error: WireError; readonly cause: string | undefined };

/** Number of the answer that a thread sends without a call, after it opened the file or failed to. */
export const OPENING = 0;
