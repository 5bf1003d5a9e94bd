import { z } from 'zod';
import { type History, statisticsQuerySchema, statisticsSchema } from '../../../insight/history/history.js';
import { parseQuery } from '../query.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route, RouteRequest } from '../route.js';

const answerSchema = statisticsSchema.extend({
  /** Present only without predictions, as in the old service. */
  message: z.string().optional(),
});

export function statisticsRoutes(history: Pick<History, 'statistics'>): Route[] {
  const respond = async ({ query }: RouteRequest): Promise<Reply> => {
    const statistics = await history.statistics(parseQuery(statisticsQuerySchema, query));
    const isEmpty = statistics.total_predictions === 0;
    const answer: z.infer<typeof answerSchema> = {
      ...statistics,
      ...(isEmpty && { message: 'No predictions yet.' }),
    };
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
    respond,
  };
  return [
    statistics,
    {
      ...statistics,
      path: '/api/metrics',
      summary: 'Same as `GET /api/statistics`; path of the old service.',
    },
  ];
}
