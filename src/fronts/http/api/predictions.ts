import { z } from 'zod';
import {
  EXPORT_FORMATS,
  type ExportFormat,
  type History,
  pageQuerySchema,
  pageSchema,
  predictionFilterSchema,
} from '../../../insight/history/history.js';
import { type KeptPredictionsParts, pageOfKept } from '../../../insight/history/kept-predictions.js';
import { storedPredictionSchema } from '../../../insight/history/stored-prediction.js';
import { FoveaError } from '../../../platform/errors.js';
import { JSON_TYPE, parseJsonBody } from '../json-body.js';
import { parseQuery } from '../query.js';
import { jsonReply, type Reply, type StreamedReply } from '../reply.js';
import type { Route, RouteRequest } from '../route.js';
import { isOneTruth, ONE_TRUTH, truthFields, truthOf } from './told-truth.js';

/** Meaning of the path parameter `id`. */
const ID = '`prediction_id` of the answer.';
const MAX_FEEDBACK_BYTES = 64 * 1024;

const feedbackBodySchema = z.strictObject(truthFields).refine(isOneTruth, { error: ONE_TRUTH });

const feedbackSchema = z.strictObject({
  prediction_id: z.string(),
  feedback_label: z.string().optional().describe('The label as the model spells it.'),
  feedback_labels: z.array(z.string()).optional().describe('For a model of several labels.'),
});

type Predictions = Pick<History, 'page' | 'byId' | 'feedback' | 'export'>;

export interface PredictionsParts extends KeptPredictionsParts {
  readonly history: Predictions;
}

async function takeFeedback(history: Predictions, { parameters, body }: RouteRequest): Promise<Reply> {
  const { id = '' } = parameters;
  const told = parseJsonBody(feedbackBodySchema, body, '{"label": "<class>"} or {"labels": ["<class>", …]}');
  const known = await history.feedback(id, truthOf(told));
  const answer: z.infer<typeof feedbackSchema> = {
    prediction_id: id,
    ...('label' in known ? { feedback_label: known.label } : { feedback_labels: known.labels }),
  };
  return jsonReply(answer);
}

const EXPORT_TYPES: Readonly<Record<ExportFormat, string>> = {
  ndjson: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8; header=present',
};

export interface ExportLimits {
  /** At once, over all clients. */
  readonly maxExports: number;
  /** Part of them that one client may take. */
  readonly maxClientSharePercent: number;
}

const exportQuerySchema = predictionFilterSchema.extend({
  format: z
    .enum(EXPORT_FORMATS)
    .default('ndjson')
    .describe('One JSON object per line, or CSV with a header.'),
});

/** Starts exports and limits how many run at once. */
class Exports {
  readonly #history: Predictions;
  readonly #limits: ExportLimits;
  /** The client of each running export. */
  readonly #running: string[] = [];

  constructor(history: Predictions, limits: ExportLimits) {
    this.#history = history;
    this.#limits = limits;
  }

  reply({ query, client }: RouteRequest): StreamedReply {
    const { format, ...filter } = parseQuery(exportQuerySchema, query);
    const headers = [
      ['Content-Type', EXPORT_TYPES[format]],
      ['Content-Disposition', `attachment; filename="predictions.${format}"`],
    ] as const;
    return { status: 200, headers, parts: this.#counted(this.#history.export(filter, format), client.name) };
  }

  /** The limits are checked with the first part, which also counts the export: none can come between. */
  async *#counted(parts: AsyncIterable<string>, client: string): AsyncGenerator<string> {
    this.#admit(client);
    this.#running.push(client);
    try {
      yield* parts;
    } finally {
      this.#running.splice(this.#running.indexOf(client), 1);
    }
  }

  /** @throws FoveaError `overloaded`, `rate_limited` (the client's share is used up) */
  #admit(client: string): void {
    const { maxExports, maxClientSharePercent } = this.#limits;
    if (this.#running.length >= maxExports)
      throw new FoveaError('overloaded', `${maxExports} exports are running: try again later.`);
    const share = Math.max(1, Math.floor((maxExports * maxClientSharePercent) / 100));
    if (this.#running.filter((name) => name === client).length >= share)
      throw new FoveaError(
        'rate_limited',
        `This client runs ${share} exports, as many as one may: try again later.`,
      );
  }
}

/** Past predictions, their export and their feedback. */
export function predictionsRoutes(parts: PredictionsParts, limits: ExportLimits): Route[] {
  const { history } = parts;
  const exports = new Exports(history, limits);
  return [
    {
      method: 'GET',
      path: '/api/predictions',
      summary:
        'Past predictions, newest or least certain first. Pass `next` of one page as `before` to get the following page.',
      query: pageQuerySchema,
      answer: pageSchema,
      errors: ['history_failed', 'overloaded'],
      access: 'predict',
      limit: 'read',
      needsModel: false,
      respond: async ({ query }) => jsonReply(await pageOfKept(parts, parseQuery(pageQuerySchema, query))),
    },
    {
      method: 'GET',
      // uWebSockets.js prefers a literal segment to a parameter, so `:id` below does not match it.
      path: '/api/predictions/export',
      summary: 'All past predictions that match the filters, as a streamed file, newest first.',
      query: exportQuerySchema,
      answer: undefined,
      answerTypes: [EXPORT_TYPES.ndjson, EXPORT_TYPES.csv],
      errors: ['overloaded', 'rate_limited', 'draining', 'history_failed'],
      access: 'predict',
      limit: 'read',
      needsModel: false,
      respond: (request) => exports.reply(request),
    },
    {
      method: 'GET',
      path: '/api/predictions/:id',
      parameters: { id: ID },
      summary: 'One past prediction by its `prediction_id`.',
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
      parameters: { id: ID },
      summary: 'Sets the true class, or the true labels, of a past prediction.',
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
