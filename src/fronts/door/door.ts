import type { ServiceState } from '../../serving/service-state.js';
import type { Admission } from './admission.js';
import type { Gate } from './gate.js';
import type { Limits } from './limits.js';
import type { RequestTracer } from './request-tracer.js';

/** The checks that every front makes before any work: authentication, readiness, rate limit, admission. */
export interface Door {
  readonly gate: Gate;
  readonly state: ServiceState;
  /** Undefined when rate limits are disabled. */
  readonly limits: Limits | undefined;
  readonly admission: Admission;
  /** Undefined unless requests are traced. */
  readonly tracer?: RequestTracer | undefined;
}
