import type { RequestTracer } from '../fronts/door/request-tracer.js';
import { BoundedReport } from '../platform/bounded-report.js';
import { packageVersion } from '../platform/package-version.js';
import type { Deps } from './deps.js';

/** Of a collector that is away; the exporter fails every 5 s. */
const REPORT_INTERVAL_MS = 60_000;

/** @returns undefined unless a collector is configured: then OpenTelemetry's packages are not loaded */
export async function createTracer({ config, log, lifecycle }: Deps): Promise<RequestTracer | undefined> {
  const { endpoint, ratio, serviceName } = config.tracing;
  if (endpoint === '') return undefined;
  const { openTracing } = await import('../observability/tracing/open-tracing.js');
  const problems = new BoundedReport({
    report: (error) => log.warn({ err: error }, 'spans could not be sent to the collector'),
    intervalMs: REPORT_INTERVAL_MS,
  });
  const tracing = openTracing({
    endpoint,
    ratio,
    serviceName,
    serviceVersion: packageVersion(),
    onProblem: (error) => problems.add(error),
  });
  lifecycle.add({ name: 'tracing', close: () => tracing.close() });
  return tracing.requests;
}
