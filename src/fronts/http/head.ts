import type { HttpRequest } from 'uWebSockets.js';
import { Readable } from 'node:stream';
import type { ErrorCode } from '../../platform/errors.js';
import type { Principal } from '../../serving/call.js';
import type { Permit } from '../door/admission.js';
import type { RequestTrace } from '../door/request-tracer.js';
import type { RequestHeaders } from './request-headers.js';
import type { Route, RouteRequest } from './route.js';

/** The request that a route receives. It copies the headers, because uWebSockets.js' `req` dies when `dispatch` returns;
 * `client`, the body and the deadline are filled in later. One object is changed in place, because copying it took a tenth
 * of the main thread's time per prediction. */
export interface Head extends RouteRequest {
  client: Principal;
  body: Buffer;
  bodyStream: Readable;
  deadlineMs: number;
  readonly method: string;
  /** Undefined unless the request is sampled. */
  readonly trace: RequestTrace | undefined;
  /** Undefined while nothing has failed. */
  failure: ErrorCode | undefined;
  /** '' when absent. */
  readonly contentEncoding: string;
  /** The request's place in the server; undefined while it has none. */
  permit: Permit | undefined;
  /** Callbacks of `afterAnswer`, run when the request is over. */
  readonly afterwards: readonly (() => void)[];
}

export interface HeadOptions {
  readonly id: string;
  readonly route: Route;
  readonly headers: RequestHeaders;
  readonly trace: RequestTrace | undefined;
  readonly timeoutMs: number;
  readonly isCancelled: () => boolean;
  readonly onGone: (run: () => void) => void;
  readonly charge: (head: Head, points: number) => Promise<void>;
}

/** Stands in `client` until the gate has identified the client. */
const NOBODY: Principal = { name: '', role: 'anonymous', hash: '' };
const NO_BODY = Buffer.alloc(0);
const NO_BODY_STREAM = Readable.from([]);
const NO_PARAMETERS: Readonly<Record<string, string>> = {};

function contentLengthOf(headers: RequestHeaders): number | undefined {
  if (headers.has('content-length')) return Number(headers.get('content-length'));
  return headers.has('transfer-encoding') ? undefined : 0;
}

/** A segment that is not valid percent-encoding names nothing: its route answers `not_found`. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function parametersOf(path: string, req: HttpRequest): Readonly<Record<string, string>> {
  if (!path.includes(':')) return NO_PARAMETERS;
  const names = path.split('/').filter((segment) => segment.startsWith(':'));
  return Object.fromEntries(
    names.map((name, place) => [name.slice(1), decodeSegment(req.getParameter(place))]),
  );
}

export function readHead(req: HttpRequest, options: HeadOptions): Head {
  const { id, route, headers, trace, timeoutMs, isCancelled, onGone, charge } = options;
  const receivedMs = performance.now();
  const afterwards: (() => void)[] = [];
  const head: Head = {
    id,
    trace,
    failure: undefined,
    method: req.getMethod(),
    // Its types promise a string, but without a query it returns undefined.
    query: (req.getQuery() as string | undefined) ?? '',
    parameters: parametersOf(route.path, req),
    headers,
    contentType: headers.get('content-type'),
    contentEncoding: headers.get('content-encoding'),
    ifNoneMatch: route.isCacheable === true ? headers.get('if-none-match') : '',
    contentLength: contentLengthOf(headers),
    receivedMs,
    deadlineMs: receivedMs + timeoutMs,
    client: NOBODY,
    body: NO_BODY,
    bodyStream: NO_BODY_STREAM,
    permit: undefined,
    charge: (points) => charge(head, points),
    isCancelled,
    onGone,
    afterAnswer: (run) => void afterwards.push(run),
    afterwards,
  };
  return head;
}
