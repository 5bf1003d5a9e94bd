import { Counter, Histogram, type Registry } from 'prom-client';
import type { ErrorCode } from '../platform/errors.js';
import { REQUEST_SECONDS } from './request-seconds.js';

/** A finished call of gRPC; each request of a stream counts as one. */
interface FinishedCall {
  readonly method: string;
  /** Undefined for a good answer. */
  readonly code: ErrorCode | undefined;
  readonly seconds: number;
}

/** Calls of gRPC. */
export class GrpcMetrics {
  readonly #errors: { requestFailed(code: ErrorCode): void };
  readonly #calls: Counter;
  readonly #seconds: Histogram;

  /** @param errors counts errors of all protocols */
  constructor(registry: Registry, errors: { requestFailed(code: ErrorCode): void }) {
    this.#errors = errors;
    const registers = [registry];
    this.#calls = new Counter({
      name: 'fovea_grpc_calls_total',
      help: 'Calls of gRPC by method and error code; code "ok" for good answers.',
      labelNames: ['method', 'code'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'fovea_grpc_call_duration_seconds',
      help: 'Time from a whole message to its answer.',
      labelNames: ['method'],
      buckets: REQUEST_SECONDS,
      registers,
    });
  }

  callFinished({ method, code, seconds }: FinishedCall): void {
    this.#calls.labels(method, code ?? 'ok').inc();
    this.#seconds.labels(method).observe(seconds);
    if (code !== undefined) this.#errors.requestFailed(code);
  }
}
