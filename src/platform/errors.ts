/** Stable, machine-readable error codes. `fronts/http/status.ts` maps them to HTTP statuses. */
export const ERROR_CODES = [
  // The request
  'bad_request',
  'empty_body',
  'unauthenticated',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'upgrade_required',
  'version_exists',
  'model_exists',
  'model_in_use',
  'training_running',
  'activation_running',
  'evaluation_running',
  'evaluation_cancelled',
  'request_timeout',
  'too_large',
  'unsupported_type',
  'not_implemented',
  'undecodable_image',
  'rate_limited',
  'superseded',
  // The server's state
  'overloaded',
  'draining',
  'model_not_ready',
  'deadline_exceeded',
  'cancelled',
  // Configuration, models, data
  'config_invalid',
  'model_invalid',
  'facts_missing',
  'dataset_invalid',
  'engine_unavailable',
  'training_failed',
  'evaluation_failed',
  'import_failed',
  'out_of_memory',
  'quota_exceeded',
  // Failures of the machine
  'disk_full',
  'out_of_file_handles',
  // Failures inside the server
  'engine_failed',
  'batch_mismatch',
  'history_damaged',
  'history_failed',
  'webhook_failed',
  'catalogue_failed',
  'state_failed',
  'database_unavailable',
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

interface MachineFailure {
  readonly code: ErrorCode;
  readonly message: string;
}

const DISK_FULL: MachineFailure = {
  code: 'disk_full',
  message: 'The disk of the server is full: nothing can be stored until there is room again.',
};
const OUT_OF_FILE_HANDLES: MachineFailure = {
  code: 'out_of_file_handles',
  message: 'The server has no file handle left: raise its limit (ulimit -n, LimitNOFILE) or retry later.',
};

/** Failures that any part can meet, by the code of the system or of SQLite. */
const MACHINE_FAILURES: ReadonlyMap<unknown, MachineFailure> = new Map([
  ['ENOSPC', DISK_FULL],
  ['EDQUOT', DISK_FULL],
  ['SQLITE_FULL', DISK_FULL],
  // The index of a write-ahead log could not grow.
  ['SQLITE_IOERR_SHMSIZE', DISK_FULL],
  ['EMFILE', OUT_OF_FILE_HANDLES],
  ['ENFILE', OUT_OF_FILE_HANDLES],
]);

function machineFailureOf(error: unknown): MachineFailure | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  // Node names the reason only in the text.
  const code = error.code === 'ERR_WORKER_INIT_FAILED' ? /\bE[A-Z]+\b/.exec(error.message)?.[0] : error.code;
  return MACHINE_FAILURES.get(code);
}

/** True for errors of the file system, which are not the client's fault. */
export function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
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

  /** @returns `error` itself if it is a FoveaError; `disk_full` or `out_of_file_handles` if the system said so; else
   * `internal`. The last three have `error` as `cause`. */
  static from(error: unknown): FoveaError {
    if (error instanceof FoveaError) return error;
    const failure = machineFailureOf(error);
    if (failure !== undefined) return new FoveaError(failure.code, failure.message, { cause: error });
    return new FoveaError('internal', 'Something failed inside the server.', { cause: error });
  }
}
