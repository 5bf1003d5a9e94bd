/** Stable, machine-readable error codes. `fronts/http/status.ts` maps them to HTTP statuses. */
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
  'request_timeout',
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
  // Configuration, models, data
  'config_invalid',
  'model_invalid',
  'dataset_invalid',
  'engine_unavailable',
  'training_failed',
  'evaluation_failed',
  'out_of_memory',
  'quota_exceeded',
  // Failures inside the server
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

/** Facts for a program that reads the error: limits, accepted values, names. Clients see them: no secrets. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** An error in a message to another thread or process, where its class is lost. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
}

/**
 * The error class of all modules. Match on `code`.
 *
 * `message` may reach a client: it names the problem and the remedy, without secrets, paths or stack. `cause` goes to the
 * log only.
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

  /** @returns `error` itself if it is a FoveaError, else `internal` with `error` as `cause` */
  static from(error: unknown): FoveaError {
    if (error instanceof FoveaError) return error;
    return new FoveaError('internal', 'Something failed inside the server.', { cause: error });
  }
}
