import {
  type Context,
  defaultTextMapGetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';

type Attributes = Readonly<Record<string, string | number>>;

/** A request's span and its steps. Steps are recorded when they are over, so that an unsampled request costs nothing. */
class RequestSpan {
  readonly #tracer: Tracer;
  readonly #span: Span;
  readonly #context: Context;
  /** From the clock of `performance.now()` to the time of day. */
  readonly #offsetMs = Date.now() - performance.now();

  constructor(tracer: Tracer, span: Span, parent: Context) {
    this.#tracer = tracer;
    this.#span = span;
    this.#context = trace.setSpan(parent, span);
  }

  get traceId(): string {
    return this.#span.spanContext().traceId;
  }

  get traceresponse(): string {
    const { traceId, spanId } = this.#span.spanContext();
    return `00-${traceId}-${spanId}-01`;
  }

  step(name: string, startMs: number, endMs: number, attributes: Attributes = {}): void {
    const startTime = this.#offsetMs + startMs;
    this.#tracer.startSpan(name, { startTime, attributes }, this.#context).end(this.#offsetMs + endMs);
  }

  end(attributes: Attributes, isFailure: boolean): void {
    this.#span.setAttributes(attributes);
    if (isFailure) this.#span.setStatus({ code: SpanStatusCode.ERROR });
    this.#span.end();
  }
}

/** Begins the spans of requests, below the client's span where the request names one. */
export class RequestSpans {
  readonly #tracer: Tracer;
  readonly #propagator = new W3CTraceContextPropagator();

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  /** @returns undefined for a request that is not sampled */
  begin({
    name,
    attributes,
    traceparent,
    tracestate,
  }: {
    readonly name: string;
    readonly attributes: Attributes;
    readonly traceparent: string;
    readonly tracestate: string;
  }): RequestSpan | undefined {
    const headers = { traceparent, tracestate };
    const parent = this.#propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
    const span = this.#tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
    return span.isRecording() ? new RequestSpan(this.#tracer, span, parent) : undefined;
  }
}
