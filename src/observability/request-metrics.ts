import { Counter, type Registry } from 'prom-client';
import { ERROR_CODES, type ErrorCode } from '../platform/errors.js';
import { RequestTimes } from './request-times.js';
import { type CounterTally, TallyCounter } from './tally.js';

/** A finished request. */
export interface FinishedRequest {
  /** Path of the route, not of the request, because a client could create any number of series. */
  readonly path: string;
  readonly method: string;
  /** Undefined when the client disconnected before its answer. */
  readonly status: number | undefined;
  readonly seconds: number;
  /** Of a sampled request. */
  readonly traceId: string | undefined;
}

const METHODS = new Set(['get', 'head', 'post', 'put', 'patch', 'delete', 'options']);

type Series = Pick<Counter.Internal, 'inc'>;

/** Counts requests and errors. Each series is looked up once, so that a request allocates no labels. */
export class RequestMetrics {
  readonly #requests: TallyCounter;
  readonly #times: RequestTimes;
  /** By path, method and status. */
  readonly #counts = new Map<string, Map<string, Map<number | undefined, CounterTally>>>();
  readonly #errors: ReadonlyMap<ErrorCode, Series>;
  readonly #rateLimited: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#requests = new TallyCounter({
      name: 'fovea_http_requests_total',
      help: 'Requests by route, method and status. Status `aborted`: the client disconnected before its answer.',
      labelNames: ['route', 'method', 'status'],
      registers,
    });
    this.#times = new RequestTimes({
      name: 'fovea_http_request_duration_seconds',
      help: 'Time from a request’s first byte to its answer.',
      label: 'route',
      registry,
    });
    const errors = new Counter({
      name: 'fovea_errors_total',
      help: 'Failed requests by error code.',
      labelNames: ['code'],
      registers,
    });
    this.#errors = new Map(ERROR_CODES.map((code) => [code, errors.labels(code)]));
    // Without a first sample of 0, Prometheus' `rate` does not see the first error.
    for (const series of this.#errors.values()) series.inc(0);
    this.#rateLimited = new Counter({
      name: 'fovea_rate_limited_total',
      help: 'Requests refused by a rate limit.',
      registers,
    });
  }

  requestFinished({ path, method, status, seconds, traceId }: FinishedRequest): void {
    this.#countOf(path, METHODS.has(method) ? method : 'other', status).inc();
    this.#times.observe(path, seconds, traceId);
  }

  requestFailed(code: ErrorCode): void {
    this.#errors.get(code)?.inc();
    if (code === 'rate_limited') this.#rateLimited.inc();
  }

  #countOf(path: string, method: string, status: number | undefined): CounterTally {
    let methods = this.#counts.get(path);
    if (methods === undefined) {
      methods = new Map();
      this.#counts.set(path, methods);
    }
    let statuses = methods.get(method);
    if (statuses === undefined) {
      statuses = new Map();
      methods.set(method, statuses);
    }
    let count = statuses.get(status);
    if (count === undefined) {
      count = this.#requests.tally(path, method.toUpperCase(), String(status ?? 'aborted'));
      statuses.set(status, count);
    }
    return count;
  }
}
