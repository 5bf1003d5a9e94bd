import type { RequestTrace, RequestTracer } from '../door/request-tracer.js';
import type { Head } from './head.js';
import type { RequestHeaders } from './request-headers.js';
import type { Route } from './route.js';

/** Begins the trace of a request, named by its route.
 * @source https://opentelemetry.io/docs/specs/semconv/http/http-spans/ */
export function beginTrace(
  tracer: RequestTracer | undefined,
  { method, path }: Route,
  headers: RequestHeaders,
): RequestTrace | undefined {
  return tracer?.begin({
    name: `${method} ${path}`,
    attributes: { 'http.request.method': method, 'http.route': path },
    traceparent: headers.get('traceparent'),
    tracestate: headers.get('tracestate'),
  });
}

/** @param status undefined when the client disconnected before its answer. By the conventions only 5xx is a failure */
export function endTrace({ trace, failure }: Head, status: number | undefined): void {
  if (trace === undefined) return;
  const errorType = failure ?? (status === undefined ? 'aborted' : undefined);
  const attributes = {
    ...(status !== undefined && { 'http.response.status_code': status }),
    ...(errorType !== undefined && { 'error.type': errorType }),
  };
  trace.end(attributes, status !== undefined && status >= 500);
}
