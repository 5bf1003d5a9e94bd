import type { Route } from '../route.js';

/** What the server measures, as text for Prometheus. */
export interface MetricsText {
  readonly contentType: string;
  text(): Promise<string>;
}

export function metricsRoutes(metrics: MetricsText): Route[] {
  return [
    {
      method: 'GET',
      path: '/metrics',
      summary: 'Requests, queues, batches, history, model and process, for Prometheus.',
      answer: undefined,
      answerTypes: [metrics.contentType],
      access: 'predict',
      needsModel: false,
      respond: async () => ({
        status: 200,
        headers: [['Content-Type', metrics.contentType]],
        body: await metrics.text(),
      }),
    },
  ];
}
