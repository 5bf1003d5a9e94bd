import { FoveaError } from '../../platform/errors.js';
import type { RequestHeaders } from './request-headers.js';

/** Headers that take one value. Two lines of them mean two things to two programs. */
const SINGLE = ['host', 'content-length', 'transfer-encoding', 'content-type', 'authorization', 'x-api-key'];

/** @returns why the framing or the sender of a request is ambiguous. A proxy may have read it differently, so that the rest
 * of one request becomes a request of its own. uWebSockets.js takes the first of two Content-Length lines, an empty one as
 * 0, and every Transfer-Encoding as `chunked`.
 * @source RFC 9112, 6.3 and 11.2 */
export function framingProblem(headers: RequestHeaders): FoveaError | undefined {
  const { repeated } = headers;
  const twice = repeated.size === 0 ? undefined : SINGLE.find((name) => repeated.has(name));
  if (twice !== undefined) return new FoveaError('bad_request', `The header ${twice} occurs more than once.`);
  if (headers.has('content-length') && !/^\d{1,15}$/.test(headers.get('content-length'))) {
    return new FoveaError('bad_request', 'Content-Length must be a number of bytes.');
  }
  if (headers.has('transfer-encoding') && headers.get('transfer-encoding').toLowerCase() !== 'chunked') {
    return new FoveaError('bad_request', 'Transfer-Encoding must be chunked.');
  }
  return undefined;
}

/** The same of a request that opens a WebSocket. A body behind it would be read as frames. */
export function upgradeProblem(headers: RequestHeaders): FoveaError | undefined {
  const problem = framingProblem(headers);
  const hasBody = headers.has('transfer-encoding') || Number(headers.get('content-length')) > 0;
  if (problem !== undefined || !hasBody) return problem;
  return new FoveaError('bad_request', 'A request that opens a WebSocket must have no body.');
}

/** @param contentLength undefined for a chunked body */
export function isChunked({ contentLength }: { readonly contentLength: number | undefined }): boolean {
  return contentLength === undefined;
}

/** uWebSockets.js parses a whole segment of the connection before it closes, and accepts chunks that end in a bare LF, which
 * a proxy may read differently. So an answer to a chunked request is sent in a later turn of the event loop: then bytes
 * behind the body, which could be a smuggled request, end the connection without being answered. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
