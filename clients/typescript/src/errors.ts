/** The server's error codes that a client may see; docs/api.md explains each. Later servers may have more. */
export type FoveaErrorCode =
  | 'bad_request'
  | 'empty_body'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'too_large'
  | 'unsupported_type'
  | 'undecodable_image'
  | 'rate_limited'
  | 'superseded'
  | 'overloaded'
  | 'draining'
  | 'model_not_ready'
  | 'model_invalid'
  | 'facts_missing'
  | 'import_failed'
  | 'engine_unavailable'
  | 'engine_failed'
  | 'deadline_exceeded'
  | 'history_failed'
  | 'internal'
  /** This library's own: no connection could be made, or it was closed. */
  | 'connection_failed'
  | 'closed';

export interface FoveaErrorFields {
  /** HTTP status; 0 for errors of this library. */
  readonly status: number;
  readonly code: string;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/** An error that the server answered, or `connection_failed` and `closed` of this library. Match on `code`. */
export class FoveaError extends Error {
  readonly status: number;
  readonly code: FoveaErrorCode | (string & {});
  /** Limits, accepted values and names, by error code. */
  readonly details: Readonly<Record<string, unknown>>;
  /** For the operator of the server: its log has the error under this id. */
  readonly requestId: string | undefined;

  constructor(message: string, { status, code, details = {}, requestId, cause }: FoveaErrorFields) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'FoveaError';
    this.status = status;
    this.code = code;
    this.details = details;
    this.requestId = requestId;
  }

  /** Whether the same request may succeed later. */
  get isTemporary(): boolean {
    return this.status === 429 || this.status === 503 || this.status === 0;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Reads an error body of the server; a proxy's body may be anything. */
export function errorOf(status: number, body: unknown): FoveaError {
  const fields = isRecord(body) ? body : {};
  const { error, code, details, request_id: requestId } = fields;
  return new FoveaError(typeof error === 'string' ? error : `The server answered with status ${status}.`, {
    status,
    code: typeof code === 'string' ? code : 'internal',
    details: isRecord(details) ? details : undefined,
    requestId: typeof requestId === 'string' ? requestId : undefined,
  });
}
