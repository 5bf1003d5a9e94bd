import { Counter, type Registry } from 'prom-client';
import type { ErrorCode } from '../platform/errors.js';
import { RequestTimes } from './request-times.js';

/** A finished call of gRPC; each request of a stream counts as one. */
interface FinishedCall {
  readonly method: string;
  /** Undefined for a good answer. */
  readonly code: ErrorCode | undefined;
  readonly seconds: number;
  /** Of a sampled request. */
  readonly traceId: string | undefined;
}

/** Calls of gRPC. */
export class GrpcMetrics {
  readonly #errors: { requestFailed(code: ErrorCode): void };
  readonly #calls: Counter;
  readonly #times: RequestTimes;

  /** @param errors counts errors of all protocols */
  constructor(registry: Registry, errors: { requestFailed(code: ErrorCode): void }) {
    this.#errors = errors;
    this.#calls = new Counter({
      name: 'fovea_grpc_calls_total',
      help: 'Calls of gRPC by method and error code; code `ok` for good answers.',
      labelNames: ['method', 'code'],
      registers: [registry],
    });
    this.#times = new RequestTimes({
      name: 'fovea_grpc_call_duration_seconds',
      help: 'Time from a whole message to its answer.',
      label: 'method',
      registry,
    });
  }

  callFinished({ method, code, seconds, traceId }: FinishedCall): void {
    this.#calls.labels(method, code ?? 'ok').inc();
    this.#times.observe(method, seconds, traceId);
    if (code !== undefined) this.#errors.requestFailed(code);
  }
}
