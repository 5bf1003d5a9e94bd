import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ErrorCode } from '../platform/errors.js';
import { REQUEST_SECONDS } from './request-seconds.js';

/** WebSockets, and the requests of streams. */
export class StreamMetrics {
  readonly #open: Gauge;
  readonly #requests: Counter;
  readonly #seconds: Histogram;
  /** Series by sub-protocol and status: looked up once, because they count every image. */
  readonly #counts = new Map<string, Map<number, Counter.Internal>>();
  readonly #times = new Map<string, Histogram.Internal<string>>();

  readonly #errors: { requestFailed(code: ErrorCode): void };

  /** @param errors counts errors of all protocols */
  constructor(registry: Registry, errors: { requestFailed(code: ErrorCode): void }) {
    this.#errors = errors;
    const registers = [registry];
    this.#open = new Gauge({
      name: 'fovea_websockets_open',
      help: 'Open WebSockets by endpoint.',
      labelNames: ['route'],
      registers,
    });
    this.#requests = new Counter({
      name: 'fovea_stream_requests_total',
      help: 'Requests of streams by sub-protocol and status.',
      labelNames: ['protocol', 'status'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'fovea_stream_request_duration_seconds',
      help: 'Time from a request of a stream to its answer.',
      labelNames: ['protocol'],
      buckets: REQUEST_SECONDS,
      registers,
    });
  }

  socketOpened(path: string): void {
    this.#open.labels(path).inc();
  }

  socketClosed(path: string): void {
    this.#open.labels(path).dec();
  }

  upgradeRefused(code: ErrorCode): void {
    this.#errors.requestFailed(code);
  }

  requestFailed(code: ErrorCode): void {
    this.#errors.requestFailed(code);
  }

  requestAnswered({
    protocol,
    status,
    seconds,
  }: {
    readonly protocol: string;
    readonly status: number;
    readonly seconds: number;
  }): void {
    this.#countOf(protocol, status).inc();
    let times = this.#times.get(protocol);
    if (times === undefined) {
      times = this.#seconds.labels(protocol);
      this.#times.set(protocol, times);
    }
    times.observe(seconds);
  }

  #countOf(protocol: string, status: number): Counter.Internal {
    let statuses = this.#counts.get(protocol);
    if (statuses === undefined) {
      statuses = new Map();
      this.#counts.set(protocol, statuses);
    }
    let count = statuses.get(status);
    if (count === undefined) {
      count = this.#requests.labels(protocol, String(status));
      statuses.set(status, count);
    }
    return count;
  }
}
