import { Counter, Gauge, type Registry } from 'prom-client';
import type { ErrorCode } from '../platform/errors.js';
import { RequestTimes } from './request-times.js';

/** WebSockets, and the requests of streams. */
export class StreamMetrics {
  readonly #open: Gauge;
  readonly #requests: Counter;
  readonly #times: RequestTimes;
  /** Series by sub-protocol and status: looked up once, because they count every image. */
  readonly #counts = new Map<string, Map<number, Counter.Internal>>();

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
    this.#times = new RequestTimes({
      name: 'fovea_stream_request_duration_seconds',
      help: 'Time from a request of a stream to its answer.',
      label: 'protocol',
      registry,
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
    traceId,
  }: {
    readonly protocol: string;
    readonly status: number;
    readonly seconds: number;
    /** Of a sampled request. */
    readonly traceId: string | undefined;
  }): void {
    this.#countOf(protocol, status).inc();
    this.#times.observe(protocol, seconds, traceId);
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
