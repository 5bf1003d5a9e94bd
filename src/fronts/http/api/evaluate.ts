import { z } from 'zod';
import {
  classificationReport,
  classificationReportSchema,
} from '../../../learning/evaluation/classification-report.js';
import {
  type Evaluation,
  type EvaluationRequest,
  type EvaluationSummary,
  evaluationRequestSchema,
  evaluationResultSchema,
  evaluationSummarySchema,
} from '../../../learning/evaluation/evaluation.js';
import { type KeptRows, unreadableRowSchema } from '../../../learning/state/kept-rows.js';
import { metricsSchema } from '../../../models/repository/manifest.js';
import { FoveaError } from '../../../platform/errors.js';
import { JSON_TYPE, parseJsonBody } from '../json-body.js';
import { parseQuery, queryInteger } from '../query.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route, RouteRequest } from '../route.js';
import type { NewestEvaluation } from './models.js';

const MAX_BODY_BYTES = 16 * 1024;
/** The answer comes a little after an evaluation that ran out of its time. */
const GRACE_MS = 10_000;

/** What these routes need of evaluation. */
export interface EvaluationParts {
  /** Longest run of one. */
  readonly timeoutMs: number;
  readonly newestSummaryOf: NewestEvaluation;
  start(wanted: EvaluationRequest): Promise<{ summary: EvaluationSummary; finished: Promise<Evaluation> }>;
  readonly store: {
    readonly current: EvaluationSummary | undefined;
    list(filter: { model?: string; version?: number; limit: number }): Promise<KeptRows<EvaluationSummary>>;
    byId(id: string): Promise<Evaluation>;
    cancel(id: string): EvaluationSummary;
  };
}

const resultSchema = metricsSchema.extend({
  ...evaluationResultSchema.omit({ metrics: true }).shape,
  /** As scikit-learn's `classification_report(output_dict=True)`. */
  classification_report: classificationReportSchema,
});

const summarySchema = evaluationSummarySchema.omit({ version_digest: true });

/** The metrics at the top, where the old service's clients look for them. */
const answerSchema = resultSchema.extend({
  evaluation_timestamp: z.iso.datetime(),
  evaluation: summarySchema,
});

const startedSchema = z.strictObject({
  message: z.string(),
  status: z.literal('in_progress'),
  check_status_url: z.string(),
  evaluation: summarySchema,
});

const wholeSchema = summarySchema.extend({ result: resultSchema.nullable() });
const listSchema = z.strictObject({
  running: summarySchema.nullable(),
  /** Newest first. */
  evaluations: z.array(summarySchema),
  /** Kept, but this release cannot read them. */
  unreadable: z.array(unreadableRowSchema),
});

const startQuerySchema = z.object({ wait: z.stringbool().optional() });
const listQuerySchema = z.object({
  model: z.string().optional(),
  version: queryInteger.optional(),
  limit: queryInteger.pipe(z.int().min(1).max(500)).default(50),
});

function describeSummary({
  version_digest: _,
  ...summary
}: EvaluationSummary): z.infer<typeof summarySchema> {
  return summary;
}

function describeResult({ result }: Evaluation): z.infer<typeof resultSchema> | null {
  if (result === null) return null;
  const { metrics, ...rest } = result;
  return { ...metrics, ...rest, classification_report: classificationReport(metrics) };
}

function answerOf(evaluation: Evaluation): z.infer<typeof answerSchema> {
  const result = describeResult(evaluation);
  if (result === null) throw new FoveaError('internal', 'The evaluation has no result. This is a bug.');
  const { end_time: end, start_time: start } = evaluation.summary;
  return { ...result, evaluation_timestamp: end ?? start, evaluation: describeSummary(evaluation.summary) };
}

async function evaluate(parts: EvaluationParts, { body, query }: RouteRequest): Promise<Reply> {
  const form = 'a JSON object that may say what to evaluate';
  const asked = parseQuery(startQuerySchema, query);
  const wanted =
    body.length === 0
      ? evaluationRequestSchema.parse({})
      : parseJsonBody(evaluationRequestSchema, body, form);
  const { summary, finished } = await parts.start(wanted);
  if (asked.wait ?? wanted.wait) return jsonReply(answerOf(await finished));
  finished.catch(() => undefined);
  const url = `/api/evaluations/${summary.id}`;
  const answer: z.infer<typeof startedSchema> = {
    message: `The evaluation of ${summary.model} version ${summary.version} has started.`,
    status: 'in_progress',
    check_status_url: url,
    evaluation: describeSummary(summary),
  };
  return jsonReply(answer, [['Location', url]], 202);
}

/** Measures versions while they, or others, serve. */
export function evaluateRoutes(parts: EvaluationParts): Route[] {
  const one = {
    path: '/api/evaluations/:id',
    errors: ['not_found', 'state_failed'],
    needsModel: false,
  } as const satisfies Partial<Route>;
  return [
    {
      method: 'POST',
      path: '/api/model/evaluate',
      summary:
        'Measures any version on labelled images, beside serving; one at a time. Answers when done, or at once with `wait` false.',
      query: startQuerySchema,
      body: {
        mediaTypes: [JSON_TYPE],
        maxBytes: MAX_BODY_BYTES,
        isOptional: true,
        json: evaluationRequestSchema,
      },
      answer: answerSchema,
      accepted: startedSchema,
      timeoutMs: parts.timeoutMs + GRACE_MS,
      errors: [
        'not_found',
        'model_invalid',
        'dataset_invalid',
        'undecodable_image',
        'too_large',
        'evaluation_running',
        'evaluation_cancelled',
        'evaluation_failed',
        'engine_unavailable',
        'deadline_exceeded',
      ],
      access: 'admin',
      limit: 'evaluate',
      needsModel: true,
      respond: (request) => evaluate(parts, request),
    },
    {
      method: 'GET',
      path: '/api/evaluations',
      summary: 'The running evaluation with its progress, and those that were, newest first.',
      query: listQuerySchema,
      answer: listSchema,
      errors: ['state_failed'],
      access: 'predict',
      needsModel: false,
      respond: async ({ query }) => {
        const { model, version, limit } = parseQuery(listQuerySchema, query);
        const { current } = parts.store;
        const filter = {
          limit,
          ...(model !== undefined && { model }),
          ...(version !== undefined && { version }),
        };
        const { documents, unreadable } = await parts.store.list(filter);
        const answer: z.infer<typeof listSchema> = {
          running: current === undefined ? null : describeSummary(current),
          evaluations: documents.map(describeSummary),
          unreadable,
        };
        return jsonReply(answer);
      },
    },
    {
      ...one,
      method: 'GET',
      summary: 'One evaluation: its progress, then all that was measured.',
      answer: wholeSchema,
      access: 'predict',
      respond: async ({ parameters }) => {
        const evaluation = await parts.store.byId(parameters.id ?? '');
        const answer: z.infer<typeof wholeSchema> = {
          ...describeSummary(evaluation.summary),
          result: describeResult(evaluation),
        };
        return jsonReply(answer);
      },
    },
    {
      ...one,
      method: 'DELETE',
      summary: 'Cancels it while it runs.',
      answer: summarySchema,
      status: 202,
      access: 'admin',
      respond: ({ parameters }) =>
        jsonReply(describeSummary(parts.store.cancel(parameters.id ?? '')), [], 202),
    },
  ];
}
