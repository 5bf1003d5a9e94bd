import type { CallTrace } from '../../serving/call.js';

/** A request that has begun. */
export interface TracedRequest {
  /** Name of the route or method, of a closed set: `POST /api/predict`. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The client's headers. Source: https://www.w3.org/TR/trace-context/ */
  readonly traceparent: string;
  readonly tracestate: string;
}

/** The trace of one sampled request. */
export interface RequestTrace extends CallTrace {
  readonly traceId: string;
  /** Value of the answer's `traceresponse` header.
   * @source https://w3c.github.io/trace-context/#traceresponse-header */
  readonly traceresponse: string;
  /** Call it once. @param attributes facts that were known only at the end
   * @param isFailure the server did not do what it was asked */
  end(attributes: Readonly<Record<string, string | number>>, isFailure: boolean): void;
}

/** Decides which requests are traced. */
export interface RequestTracer {
  /** @returns undefined for a request that is not sampled */
  begin(request: TracedRequest): RequestTrace | undefined;
}
