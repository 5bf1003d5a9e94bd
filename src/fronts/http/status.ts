import type { ErrorCode } from '../../platform/errors.js';

/** HTTP status of an error code. */
export interface ErrorStatus {
  readonly status: number;
  /** Whole seconds for Retry-After. */
  readonly retryAfterSeconds?: number;
}

/** HTTP status of every error code. OpenAPI and the documentation are made from this table. */
export const ERROR_STATUS: Readonly<Record<ErrorCode, ErrorStatus>> = {
  bad_request: { status: 400 },
  empty_body: { status: 400 },
  unauthenticated: { status: 401 },
  forbidden: { status: 403 },
  not_found: { status: 404 },
  method_not_allowed: { status: 405 },
  request_timeout: { status: 408 },
  version_exists: { status: 409 },
  model_exists: { status: 409 },
  model_in_use: { status: 409 },
  training_running: { status: 409 },
  activation_running: { status: 409 },
  evaluation_running: { status: 409 },
  evaluation_cancelled: { status: 409 },
  too_large: { status: 413 },
  unsupported_type: { status: 415 },
  undecodable_image: { status: 422 },
  dataset_invalid: { status: 422 },
  model_invalid: { status: 422 },
  facts_missing: { status: 422 },
  upgrade_required: { status: 426 },
  // Of a stream's frame only.
  superseded: { status: 409 },
  rate_limited: { status: 429, retryAfterSeconds: 1 },
  // Never sent, since the client has gone; it appears in logs and metrics.
  cancelled: { status: 499 },
  engine_failed: { status: 500 },
  batch_mismatch: { status: 500 },
  training_failed: { status: 500 },
  evaluation_failed: { status: 500 },
  import_failed: { status: 500 },
  config_invalid: { status: 500 },
  history_damaged: { status: 500 },
  state_damaged: { status: 500 },
  internal: { status: 500 },
  not_implemented: { status: 501 },
  overloaded: { status: 503, retryAfterSeconds: 1 },
  draining: { status: 503, retryAfterSeconds: 5 },
  model_not_ready: { status: 503, retryAfterSeconds: 5 },
  engine_unavailable: { status: 503, retryAfterSeconds: 5 },
  history_failed: { status: 503, retryAfterSeconds: 5 },
  catalogue_failed: { status: 503, retryAfterSeconds: 5 },
  state_failed: { status: 503, retryAfterSeconds: 5 },
  database_unavailable: { status: 503, retryAfterSeconds: 5 },
  out_of_file_handles: { status: 503, retryAfterSeconds: 1 },
  // Only logged: no request causes it.
  webhook_failed: { status: 502 },
  deadline_exceeded: { status: 504 },
  // A training ran out of memory; `GET /api/retrain/jobs` shows it.
  out_of_memory: { status: 507 },
  quota_exceeded: { status: 507 },
  disk_full: { status: 507 },
};
