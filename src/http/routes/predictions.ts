import { z } from 'zod';
import {
  type History,
  pageQuerySchema,
  pageSchema,
  storedPredictionSchema,
} from '../../contracts/history.js';
import { JSON_TYPE, parseJsonBody } from '../json-body.js';
import { parseQuery } from '../query.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route, RouteRequest } from '../route.js';

/** A label is short. */
const MAX_FEEDBACK_BYTES = 4096;

const feedbackBodySchema = z.object({
  /** The true class, by its name. */
  label: z.string().min(1),
});

const feedbackSchema = z.strictObject({ prediction_id: z.string(), feedback_label: z.string() });

type Predictions = Pick<History, 'page' | 'byId' | 'feedback'>;

async function takeFeedback(history: Predictions, { parameters, body }: RouteRequest): Promise<Reply> {
  const { id = '' } = parameters;
  const { label } = parseJsonBody(feedbackBodySchema, body, '{"label": "<class>"}');
  await history.feedback(id, label);
  const answer: z.infer<typeof feedbackSchema> = { prediction_id: id, feedback_label: label };
  return jsonReply(answer);
}

/** Past predictions, and what people say about them. */
export function predictionsRoutes(history: Predictions): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/predictions',
      summary: 'Past predictions, newest first; `next` of one page is `before` of the following one.',
      query: pageQuerySchema,
      answer: pageSchema,
      access: 'predict',
      limit: 'read',
      needsModel: false,
      respond: async ({ query }) => jsonReply(await history.page(parseQuery(pageQuerySchema, query))),
    },
    {
      method: 'GET',
      path: '/api/predictions/:id',
      summary: 'One past prediction, by the `prediction_id` of its answer.',
      answer: storedPredictionSchema,
      access: 'predict',
      limit: 'read',
      needsModel: false,
      respond: async ({ parameters }) => jsonReply(await history.byId(parameters.id ?? '')),
    },
    {
      method: 'POST',
      path: '/api/predictions/:id/feedback',
      summary: 'Tells a past prediction’s true class.',
      body: { mediaTypes: [JSON_TYPE], maxBytes: MAX_FEEDBACK_BYTES },
      answer: feedbackSchema,
      access: 'predict',
      limit: 'read',
      needsModel: false,
      respond: (request) => takeFeedback(history, request),
    },
  ];
}
