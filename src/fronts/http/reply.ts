import type { FoveaError } from '../../platform/errors.js';
import type { Call } from '../../serving/call.js';
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

/** Writes an error as the clients of one protocol expect it: status and body. `Dispatcher` adds the headers. */
export type ErrorReply = (error: FoveaError, call: Pick<Call, 'id'>) => Reply;

/** Our own form of an error: `error` as the old service had it, and what a program can act on. */
export function errorReply({ code, message, details }: FoveaError, { id }: Pick<Call, 'id'>): Reply {
  const body = { error: message, code, details, request_id: id };
  return jsonReply(body, [], ERROR_STATUS[code].status);
}
