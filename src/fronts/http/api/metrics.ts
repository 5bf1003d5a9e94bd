import type { Route } from '../route.js';

/** The metrics registry. */
export interface MetricsText {
  readonly contentTypes: readonly string[];
  scrape(accept: string): Promise<{ readonly contentType: string; readonly text: string }>;
}

export function metricsRoutes(metrics: MetricsText): Route[] {
  return [
    {
      method: 'GET',
      path: '/metrics',
      summary: 'Metrics in the Prometheus text format, or in OpenMetrics where the `Accept` header names it.',
      answer: undefined,
      answerTypes: metrics.contentTypes,
      access: 'predict',
      limit: undefined,
      needsModel: false,
      respond: async ({ headers }) => {
        const { contentType, text } = await metrics.scrape(headers.get('accept'));
        return { status: 200, headers: [['Content-Type', contentType]], body: text };
      },
    },
  ];
}
