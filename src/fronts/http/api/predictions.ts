import { z } from 'zod';
import {
  EXPORT_FORMATS,
  type ExportFormat,
  type History,
  pageQuerySchema,
  pageSchema,
  predictionFilterSchema,
  storedPredictionSchema,
} from '../../../insight/history/history.js';
import { FoveaError } from '../../../platform/errors.js';
import { JSON_TYPE, parseJsonBody } from '../json-body.js';
import { parseQuery } from '../query.js';
import { jsonReply, type Reply, type StreamedReply } from '../reply.js';
import type { Route, RouteRequest } from '../route.js';

/** A label is short. */
const MAX_FEEDBACK_BYTES = 4096;

const feedbackBodySchema = z.object({
  /** The true class, by its name. */
  label: z.string().min(1),
});

const feedbackSchema = z.strictObject({ prediction_id: z.string(), feedback_label: z.string() });

type Predictions = Pick<History, 'page' | 'byId' | 'feedback' | 'export'>;

async function takeFeedback(history: Predictions, { parameters, body }: RouteRequest): Promise<Reply> {
  const { id = '' } = parameters;
  const { label } = parseJsonBody(feedbackBodySchema, body, '{"label": "<class>"}');
  await history.feedback(id, label);
  const answer: z.infer<typeof feedbackSchema> = { prediction_id: id, feedback_label: label };
  return jsonReply(answer);
}

const EXPORT_TYPES: Readonly<Record<ExportFormat, string>> = {
  ndjson: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8; header=present',
};

/** Each holds some hundred kilobytes, and the thread that searches is shared. */
const MAX_EXPORTS = 8;

const exportQuerySchema = predictionFilterSchema.extend({
  format: z.enum(EXPORT_FORMATS).default('ndjson').describe('One JSON object a line, or CSV with a header.'),
});

/** Exports that run, of all clients together. */
class Exports {
  readonly #history: Predictions;
  #running = 0;

  constructor(history: Predictions) {
    this.#history = history;
  }

  reply({ query }: RouteRequest): StreamedReply {
    const { format, ...filter } = parseQuery(exportQuerySchema, query);
    if (this.#running >= MAX_EXPORTS) {
      throw new FoveaError('overloaded', `${MAX_EXPORTS} exports run already; try again soon.`);
    }
    const headers = [
      ['Content-Type', EXPORT_TYPES[format]],
      ['Content-Disposition', `attachment; filename="predictions.${format}"`],
    ] as const;
    return { status: 200, headers, parts: this.#counted(this.#history.export(filter, format)) };
  }

  async *#counted(parts: AsyncIterable<string>): AsyncGenerator<string> {
    this.#running += 1;
    try {
      yield* parts;
    } finally {
      this.#running -= 1;
    }
  }
}

/** Past predictions, and what people say about them. */
export function predictionsRoutes(history: Predictions): Route[] {
  const exports = new Exports(history);
  return [
    {
      method: 'GET',
      path: '/api/predictions',
      summary: 'Past predictions, newest first; `next` of one page is `before` of the following one.',
      query: pageQuerySchema,
      answer: pageSchema,
      errors: ['history_failed', 'overloaded'],
      access: 'predict',
      limit: 'read',
      needsModel: false,
      respond: async ({ query }) => jsonReply(await history.page(parseQuery(pageQuerySchema, query))),
    },
    {
      method: 'GET',
      // uWebSockets.js prefers a path's own text to a parameter, so `:id` below does not take it.
      path: '/api/predictions/export',
      summary:
        'Past predictions, all that pass the filters, as a file: newest first, sent as fast as they are taken.',
      query: exportQuerySchema,
      answer: undefined,
      answerTypes: [EXPORT_TYPES.ndjson, EXPORT_TYPES.csv],
      errors: ['overloaded', 'draining', 'history_failed'],
      access: 'predict',
      limit: 'read',
      needsModel: false,
      respond: (request) => exports.reply(request),
    },
    {
      method: 'GET',
      path: '/api/predictions/:id',
      summary: 'One past prediction, by the `prediction_id` of its answer.',
      answer: storedPredictionSchema,
      errors: ['history_failed', 'overloaded'],
      access: 'predict',
      limit: 'read',
      needsModel: false,
      respond: async ({ parameters }) => jsonReply(await history.byId(parameters.id ?? '')),
    },
    {
      method: 'POST',
      path: '/api/predictions/:id/feedback',
      summary: 'Tells a past prediction’s true class.',
      body: { mediaTypes: [JSON_TYPE], maxBytes: MAX_FEEDBACK_BYTES, json: feedbackBodySchema },
      errors: ['history_failed', 'overloaded'],
      answer: feedbackSchema,
      access: 'predict',
      limit: 'read',
      needsModel: false,
      respond: (request) => takeFeedback(history, request),
    },
  ];
}
