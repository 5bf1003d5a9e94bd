import { Counter, type OpenMetricsContentType, Registry } from 'prom-client';

/** The metrics of another registry in the OpenMetrics format, which has exemplars. */
export class OpenMetrics extends Registry<OpenMetricsContentType> {
  readonly #source: Registry;

  constructor(source: Registry) {
    super();
    this.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    this.#source = source;
  }

  /** `metrics()` cuts `_total` off the names of counters, so each counter gets an object that inherits all but its name. */
  override getMetricsAsArray(): ReturnType<Registry['getMetricsAsArray']> {
    return this.#source
      .getMetricsAsArray()
      .map((metric) =>
        metric instanceof Counter
          ? Object.create(metric, { name: { value: metric.name, writable: true } })
          : metric,
      );
  }
}
