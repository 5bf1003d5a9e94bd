import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { ErrorCode } from '../../platform/errors.js';
import type { Call } from '../../serving/call.js';
import type { Access } from '../door/gate.js';
import type { LimitGroup } from '../door/limits.js';
import type { ErrorReply, Reply, StreamedReply } from './reply.js';

/** A call with all that HTTP tells of it besides. */
export interface RouteRequest extends Call {
  /** Behind the question mark, undecoded. */
  readonly query: string;
  /** What stands in the path for each `:name` of the route's, undecoded. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The header as sent; '' where there was none. */
  readonly contentType: string;
  /** The header as sent; '' where there was none, and for routes that are not cacheable. */
  readonly ifNoneMatch: string;
  /** The whole body, the request's own; empty for routes that take none. */
  readonly body: Buffer;
  /** The body as it comes, for routes that take it so; empty for the others. */
  readonly bodyStream: Readable;
  /** Of the body, as declared; undefined where it comes in chunks. */
  readonly contentLength: number | undefined;
  /** When the request came, on the clock of `performance.now()`. */
  readonly receivedMs: number;
}

/** A body that a route takes. */
export interface BodyRule {
  /** Lower case, without parameters. */
  readonly mediaTypes: readonly string[];
  readonly maxBytes: number;
  /** Whether the request may come without any. */
  readonly isOptional?: boolean;
  /** Whether the route takes it as a stream: it is never whole in memory then. */
  readonly isStreamed?: boolean;
  /** What a JSON body must be. */
  readonly json?: z.ZodType;
  /** The field of a form in which files come, and those beside it. */
  readonly form?: { readonly field: string; readonly isRepeated: boolean; readonly others?: z.ZodObject };
}

/** One row of the API: serves the request, and describes it. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** A segment `:name` stands for any text without slash. */
  readonly path: string;
  /** One sentence for the API's description. */
  readonly summary: string;
  /** What may stand in the query. */
  readonly query?: z.ZodType;
  readonly body?: BodyRule;
  /** Of a good answer; 200 unless it is given. */
  readonly status?: number;
  /** The JSON body of a good answer; undefined where there is none. */
  readonly answer: z.ZodType | undefined;
  /** The JSON body of a 202, where the work may go on behind the answer. */
  readonly accepted?: z.ZodType;
  readonly access: Access;
  /** What its requests are counted with; undefined where nothing counts them. */
  readonly limit?: LimitGroup;
  /** Of a good answer that is no JSON: its content types. */
  readonly answerTypes?: readonly string[];
  /** True where it may answer 304 to a client that has the current answer. */
  readonly isCacheable?: boolean;
  /** True where the answer comes with 503, too, when it is a bad one. */
  readonly mayAnswer503?: boolean;
  /** How long it may take where it takes a body; that of a prediction unless given. */
  readonly timeoutMs?: number;
  /** What it fails with beside what its query, path, body and need of a model tell already. */
  readonly errors?: readonly ErrorCode[];
  /** Refused before its body is read while no model is in service or the server is draining. */
  readonly needsModel: boolean;
  /** @throws FoveaError, or anything else, which is answered as `internal` */
  respond(request: RouteRequest): Reply | StreamedReply | Promise<Reply | StreamedReply>;
}

/** The routes of one protocol. */
export interface RouteGroup {
  /** Unknown paths below it are answered in the group's style; '' for the whole server. */
  readonly prefix: string;
  readonly routes: readonly Route[];
  readonly errorReply: ErrorReply;
}

/** A route with the error style of its group. */
export interface Endpoint extends Route {
  readonly errorReply: ErrorReply;
}
