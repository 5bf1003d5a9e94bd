import type { ErrorCode } from '../../platform/errors.js';

/** How an error code shows in HTTP. */
export interface ErrorStatus {
  readonly status: number;
  /** Whole seconds after which a client may try again. */
  readonly retryAfterSeconds?: number;
}

/** The one table of error codes in HTTP: the API's description and the README come from it. */
export const ERROR_STATUS: Readonly<Record<ErrorCode, ErrorStatus>> = {
  bad_request: { status: 400 },
  empty_body: { status: 400 },
  unauthenticated: { status: 401 },
  forbidden: { status: 403 },
  not_found: { status: 404 },
  method_not_allowed: { status: 405 },
  version_exists: { status: 409 },
  training_running: { status: 409 },
  activation_running: { status: 409 },
  evaluation_running: { status: 409 },
  evaluation_cancelled: { status: 409 },
  too_large: { status: 413 },
  unsupported_type: { status: 415 },
  undecodable_image: { status: 422 },
  dataset_invalid: { status: 422 },
  model_invalid: { status: 422 },
  rate_limited: { status: 429, retryAfterSeconds: 1 },
  // Only logged: the client has gone.
  cancelled: { status: 499 },
  engine_failed: { status: 500 },
  batch_mismatch: { status: 500 },
  training_failed: { status: 500 },
  evaluation_failed: { status: 500 },
  config_invalid: { status: 500 },
  history_damaged: { status: 500 },
  state_damaged: { status: 500 },
  internal: { status: 500 },
  overloaded: { status: 503, retryAfterSeconds: 1 },
  draining: { status: 503, retryAfterSeconds: 5 },
  model_not_ready: { status: 503, retryAfterSeconds: 5 },
  engine_unavailable: { status: 503, retryAfterSeconds: 5 },
  history_failed: { status: 503, retryAfterSeconds: 5 },
  catalogue_failed: { status: 503, retryAfterSeconds: 5 },
  state_failed: { status: 503, retryAfterSeconds: 5 },
  // Told in the log: no client waits for it.
  webhook_failed: { status: 502 },
  deadline_exceeded: { status: 504 },
  // Of a training, told by its job: serving goes on.
  out_of_memory: { status: 507 },
  quota_exceeded: { status: 507 },
};
