import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { ErrorCode } from '../../platform/errors.js';
import type { Call } from '../../serving/call.js';
import type { Access } from '../door/gate.js';
import type { LimitGroup } from '../door/limits.js';
import type { ErrorReply, Reply, StreamedReply } from './reply.js';
import type { RequestHeaders } from './request-headers.js';

/** A call that came over HTTP. */
export interface RouteRequest extends Call {
  /** After the question mark, not decoded. */
  readonly query: string;
  /** The path segment of each `:name` in the route's path, not decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The header as sent; '' where there was none. */
  readonly contentType: string;
  /** The header as sent; '' where there was none, and for routes that are not cacheable. */
  readonly ifNoneMatch: string;
  /** The header lines of the request. */
  readonly headers: Pick<RequestHeaders, 'get'>;
  /** The whole body; it belongs to the request. Empty for routes without body. */
  readonly body: Buffer;
  /** The body of routes with `isStreamed`; empty for other routes. */
  readonly bodyStream: Readable;
  /** The Content-Length; 0 without body, undefined for a chunked body. */
  readonly contentLength: number | undefined;
  /** Calls `run` once, when the client has disconnected or was answered. For a streamed body: after its end. Only the last
   * `run` is called. */
  readonly onGone: (run: () => void) => void;
  /** When the request arrived, on the clock of `performance.now()`. */
  readonly receivedMs: number;
}

/** The body that a route accepts. */
export interface BodyRule {
  /** Media types and ranges such as `image/*`; lower case, without parameters. */
  readonly mediaTypes: readonly string[];
  readonly maxBytes: number;
  /** Whether the request may have no body. */
  readonly isOptional?: boolean;
  /** Whether the route reads the body as a stream, so that it is never whole in memory. */
  readonly isStreamed?: boolean;
  /** Schema of a JSON body. */
  readonly json?: z.ZodType;
  /** The form field of the files, and the fields beside it. */
  readonly form?: { readonly field: string; readonly isRepeated: boolean; readonly others?: z.ZodObject };
}

/** One operation of the API: it serves the requests, and OpenAPI is made from it. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** A segment `:name` matches any text without slash. */
  readonly path: string;
  /** One sentence for OpenAPI. */
  readonly summary: string;
  /** What each `:name` of the path means, for OpenAPI. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Section of OpenAPI; default: the segment after `/api/`. */
  readonly tag?: string;
  /** Schema of the query. */
  readonly query?: z.ZodObject;
  readonly body?: BodyRule;
  /** Status of a good answer; default 200. */
  readonly status?: number;
  /** Schema of the JSON body of a good answer; undefined for other bodies. */
  readonly answer: z.ZodType | undefined;
  /** Schema of the JSON body of a 202, where the work may go on after the answer. */
  readonly accepted?: z.ZodType;
  readonly access: Access;
  /** Rate limit of its requests; undefined for none. */
  readonly limit: LimitGroup | undefined;
  /** Content types of a good answer that is not JSON. */
  readonly answerTypes?: readonly string[];
  /** True where it may answer 304 to `If-None-Match`. */
  readonly isCacheable?: boolean;
  /** True where the same body may also come with 503. */
  readonly mayAnswer503?: boolean;
  /** Time limit of a request with body; default FOVEA_REQUEST_TIMEOUT_MS. */
  readonly timeoutMs?: number;
  /** Errors beside those that follow from its query, path, body and `needsModel`. */
  readonly errors?: readonly ErrorCode[];
  /** Whether it is refused, before its body is read, while no model is in service or the server is draining. */
  readonly needsModel: boolean;
  /** @throws FoveaError; any other error is answered as `internal` */
  respond(request: RouteRequest): Reply | StreamedReply | Promise<Reply | StreamedReply>;
}

/** The routes of one protocol that runs over HTTP. */
export interface RouteGroup {
  /** Unknown paths below it get the group's error style; '' for the whole server. */
  readonly prefix: string;
  readonly routes: readonly Route[];
  readonly errorReply: ErrorReply;
}

/** A route with the error style of its group. */
export interface Endpoint extends Route {
  readonly errorReply: ErrorReply;
}
