/** What can go wrong, by stable machine-readable code. Their HTTP statuses stand in `fronts/http/status.ts`. */
export const ERROR_CODES = [
  // The request
  'bad_request',
  'empty_body',
  'unauthenticated',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'version_exists',
  'training_running',
  'activation_running',
  'evaluation_running',
  'evaluation_cancelled',
  'too_large',
  'unsupported_type',
  'undecodable_image',
  'rate_limited',
  // The server's state
  'overloaded',
  'draining',
  'model_not_ready',
  'deadline_exceeded',
  'cancelled',
  // What the server was given to run
  'config_invalid',
  'model_invalid',
  'dataset_invalid',
  'engine_unavailable',
  'training_failed',
  'evaluation_failed',
  'out_of_memory',
  'quota_exceeded',
  // Failures of our own
  'engine_failed',
  'batch_mismatch',
  'history_damaged',
  'history_failed',
  'webhook_failed',
  'catalogue_failed',
  'state_failed',
  'state_damaged',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Facts for a program that reads the error: limits, accepted values, names. Shown to clients: never secrets. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** An error as it crosses a thread or process border, where classes are lost. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
}

/**
 * The one error that our parts throw. Match on `code`.
 *
 * `message` may reach a client: it says what was wrong and what would be right, and holds no secrets, paths or
 * stack; what is for the log only goes into `cause`.
 */
export class FoveaError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'FoveaError';
    this.code = code;
    this.details = options.details ?? {};
  }

  toWire(): WireError {
    return { code: this.code, message: this.message, details: this.details };
  }

  static fromWire(wire: WireError): FoveaError {
    return new FoveaError(wire.code, wire.message, { details: wire.details });
  }

  /** `error` itself if it is ours; anything else becomes `internal`, with the original as `cause`. */
  static from(error: unknown): FoveaError {
    if (error instanceof FoveaError) return error;
    return new FoveaError('internal', 'Something failed inside the server.', { cause: error });
  }
}
