import { setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { isSettledWithin } from '../../serving/instances/settled-within.js';
import { RequestSpans } from './request-spans.js';

/** Time for the last spans. Without it a server whose collector is away would end only after the exporter's retries. */
const CLOSE_MS = 2000;

export interface TracingOptions {
  /** Base URL of the collector. */
  readonly endpoint: string;
  /** Share of requests that are traced, 0..1. A request that names a parent follows the parent's decision. */
  readonly ratio: number;
  readonly serviceName: string;
  readonly serviceVersion: string;
  /** Spans could not be delivered. */
  readonly onProblem: (error: unknown) => void;
}

export interface Tracing {
  readonly requests: RequestSpans;
  /** Sends the spans that wait; gives up after 2 s. */
  close(): Promise<void>;
}

/** Sends sampled requests to an OpenTelemetry collector as OTLP over HTTP in protobuf. The exporter reads the other
 * `OTEL_EXPORTER_OTLP_…` variables, such as headers, by itself.
 * @source https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
export function openTracing(options: TracingOptions): Tracing {
  const { endpoint, ratio, serviceName, serviceVersion, onProblem } = options;
  setGlobalErrorHandler(onProblem);
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new TracerProvider({
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    resource: detectResources({ detectors: [envDetector] }).merge(
      resourceFromAttributes({ 'service.name': serviceName, 'service.version': serviceVersion }),
    ),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  return {
    requests: new RequestSpans(provider.getTracer('fovea', serviceVersion)),
    close: async () => {
      await isSettledWithin(provider.shutdown().catch(onProblem), CLOSE_MS);
    },
  };
}
