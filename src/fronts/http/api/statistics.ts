import { z } from 'zod';
import { type History, statisticsQuerySchema, statisticsSchema } from '../../../insight/history/history.js';
import type { Service } from '../../../serving/service-state.js';
import { parseQuery } from '../query.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route, RouteRequest } from '../route.js';

const answerSchema = statisticsSchema.extend({
  /** Present only without predictions, as in the old service. */
  message: z.string().optional(),
});

const metricsAnswerSchema = answerSchema.extend({
  accuracy: z
    .number()
    .nullable()
    .describe('Accuracy of the version in service on its test images, else on its validation images.'),
});

function accuracyInService({ model }: Service): number | null {
  const metrics = model?.classifier.version.manifest.metrics;
  return metrics?.test?.accuracy ?? metrics?.validation?.accuracy ?? null;
}

export function statisticsRoutes(history: Pick<History, 'statistics'>, service: Service): Route[] {
  const answerOf = async ({ query }: RouteRequest): Promise<z.infer<typeof answerSchema>> => {
    const statistics = await history.statistics(parseQuery(statisticsQuerySchema, query));
    const isEmpty = statistics.total_predictions === 0;
    return { ...statistics, ...(isEmpty && { message: 'No predictions yet.' }) };
  };
  const metrics = async (request: RouteRequest): Promise<Reply> => {
    const accuracy = accuracyInService(service);
    const answer: z.infer<typeof metricsAnswerSchema> = { ...(await answerOf(request)), accuracy };
    return jsonReply(answer);
  };
  const statistics: Route = {
    method: 'GET',
    path: '/api/statistics',
    summary: 'Statistics of all predictions: classes, confidence, time, errors and feedback.',
    query: statisticsQuerySchema,
    answer: answerSchema,
    errors: ['history_failed', 'overloaded'],
    access: 'predict',
    limit: 'read',
    needsModel: false,
    respond: async (request) => jsonReply(await answerOf(request)),
  };
  return [
    statistics,
    {
      ...statistics,
      path: '/api/metrics',
      summary:
        'Same as `GET /api/statistics`, with the accuracy of the version in service; path of the old service.',
      answer: metricsAnswerSchema,
      respond: metrics,
    },
  ];
}
