import type { FoveaError } from '../../platform/errors.js';
import { ERROR_STATUS } from './status.js';

export type Header = readonly [name: string, value: string];

/** What a route answers; `Responder` sends it. */
export interface Reply {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: string | Uint8Array;
}

/** An answer too long to lie in memory whole. */
export interface StreamedReply {
  readonly status: number;
  readonly headers: readonly Header[];
  /** Asked for the next part once the client has taken the one before; ended early when the client goes. */
  readonly parts: AsyncIterable<string | Uint8Array>;
}

const JSON_TYPE: Header = ['Content-Type', 'application/json; charset=utf-8'];

export function jsonReply(value: unknown, headers: readonly Header[] = [], status = 200): Reply {
  return { status, headers: [JSON_TYPE, ...headers], body: JSON.stringify(value) };
}

export function redirectReply(location: string): Reply {
  return { status: 302, headers: [['Location', location]], body: '' };
}

/** The one form of every error: `error` as the old service had it, and what a program can act on. */
export function errorReply(error: FoveaError, requestId: string, headers: readonly Header[] = []): Reply {
  const { status, retryAfterSeconds } = ERROR_STATUS[error.code];
  const retryAfter = error.details.retry_after_seconds ?? retryAfterSeconds;
  const retry: Header[] = retryAfter === undefined ? [] : [['Retry-After', String(retryAfter)]];
  const challenge: Header[] = error.code === 'unauthenticated' ? [['WWW-Authenticate', 'Bearer']] : [];
  const { code, message, details } = error;
  return jsonReply(
    { error: message, code, details, request_id: requestId },
    [...retry, ...challenge, ...headers],
    status,
  );
}
