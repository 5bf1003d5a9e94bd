import type { WireError } from '../errors.js';

/** What a database thread is asked, numbered so that the answer finds its asker. */
export interface Call<Request> {
  readonly call: number;
  readonly request: Request;
}

export type Answer =
  | { readonly call: number; readonly answer: unknown }
  /** `cause` is for the log: what a wire error leaves behind. */
  | { readonly call: number; readonly error: WireError; readonly cause: string | undefined };

/** The call that a thread answers unasked, once it has opened the file or failed to. */
export const OPENING = 0;
