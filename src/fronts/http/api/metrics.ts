import type { Route } from '../route.js';

/** The metrics registry. */
export interface MetricsText {
  readonly contentType: string;
  text(): Promise<string>;
}

export function metricsRoutes(metrics: MetricsText): Route[] {
  return [
    {
      method: 'GET',
      path: '/metrics',
      summary: 'Metrics in the Prometheus text format.',
      answer: undefined,
      answerTypes: [metrics.contentType],
      access: 'predict',
      limit: undefined,
      needsModel: false,
      respond: async () => ({
        status: 200,
        headers: [['Content-Type', metrics.contentType]],
        body: await metrics.text(),
      }),
    },
  ];
}
