import type { FoveaError } from '../../platform/errors.js';
import type { Call } from '../../serving/call.js';
import { ERROR_STATUS } from './status.js';

export type Header = readonly [name: string, value: string];

/** The answer of a route; `Responder` sends it. */
export interface Reply {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: string | Uint8Array;
}

/** An answer that is too long to hold in memory. */
export interface StreamedReply {
  readonly status: number;
  readonly headers: readonly Header[];
  /** The next part is requested once the client has taken the previous one. Iteration stops when the client goes. */
  readonly parts: AsyncIterable<string | Uint8Array>;
}

const JSON_TYPE: Header = ['Content-Type', 'application/json; charset=utf-8'];

export function jsonReply(value: unknown, headers: readonly Header[] = [], status = 200): Reply {
  return jsonTextReply(JSON.stringify(value), headers, status);
}

/** @param text JSON */
export function jsonTextReply(text: string, headers: readonly Header[], status = 200): Reply {
  return { status, headers: [JSON_TYPE, ...headers], body: text };
}

/** Writes an error in the style of one protocol: status and body. `Dispatcher` adds the headers. */
export type ErrorReply = (error: FoveaError, call: Pick<Call, 'id'>) => Reply;

/** Our own error style. `error` is the field that the old service had; programs match on `code`. */
export function errorReply({ code, message, details }: FoveaError, { id }: Pick<Call, 'id'>): Reply {
  const body = { error: message, code, details, request_id: id };
  return jsonReply(body, [], ERROR_STATUS[code].status);
}
