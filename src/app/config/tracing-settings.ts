import { decimal, text } from './setting.js';

/** Distributed tracing. The names are OpenTelemetry's, because its users have set them already. */
export const tracing = {
  endpoint: text('OTEL_EXPORTER_OTLP_ENDPOINT', {
    accepts: 'URL',
    fallback: '',
    fallbackText: 'no tracing',
    meaning:
      'Base URL of an OpenTelemetry collector, such as `http://localhost:4318`. Sampled requests are sent below it to `/v1/traces`, as OTLP over HTTP in protobuf.',
  }),
  ratio: decimal('OTEL_TRACES_SAMPLER_ARG', {
    fallback: 0.01,
    min: 0,
    max: 1,
    meaning:
      'Share of requests that are traced. A request with a `traceparent` header is traced if its parent is.',
  }),
  serviceName: text('OTEL_SERVICE_NAME', {
    accepts: 'name',
    fallback: 'fovea',
    meaning: 'Name of this service in traces.',
  }),
};
