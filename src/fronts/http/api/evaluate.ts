import { z } from 'zod';
import {
  classificationReport,
  classificationReportSchema,
  multiLabelReport,
} from '../../../learning/evaluation/classification-report.js';
import {
  type Evaluation,
  type EvaluationSummary,
  evaluationRequestSchema,
  evaluationResultSchema,
  evaluationSummarySchema,
  MAX_MISTAKES,
  type Mistake,
  type MultiLabelMistake,
  mistakeSchema,
  multiLabelMistakeSchema,
} from '../../../learning/evaluation/evaluation.js';
import type { EvaluationControl } from '../../../learning/evaluation/evaluation-control.js';
import { unreadableRowSchema } from '../../../learning/state/kept-rows.js';
import { metricsSchema } from '../../../models/repository/manifest.js';
import { multiLabelMetricsSchema } from '../../../models/repository/multi-label-metrics.js';
import { FoveaError } from '../../../platform/errors.js';
import { JSON_TYPE, parseJsonBody } from '../json-body.js';
import { parseQuery } from '../query.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route, RouteRequest } from '../route.js';

const MAX_BODY_BYTES = 16 * 1024;
/** Time between the end of an evaluation at its time limit and its answer. */
const GRACE_MS = 10_000;

const resultFields = {
  ...evaluationResultSchema.omit({ metrics: true }).shape,
  /** The form of scikit-learn's `classification_report(output_dict=True)`. */
  classification_report: classificationReportSchema,
};

const multiLabelResultSchema = multiLabelMetricsSchema.extend(resultFields);
const oneClassResultSchema = metricsSchema.extend(resultFields);
const resultSchema = z.union([multiLabelResultSchema, oneClassResultSchema]);

const summarySchema = evaluationSummarySchema.omit({ version_digest: true });

/** The metrics lie at the top level, because clients of the old service read them there. */
const answerFields = { evaluation_timestamp: z.iso.datetime(), evaluation: summarySchema };
const answerSchema = z.union([
  multiLabelResultSchema.extend(answerFields),
  oneClassResultSchema.extend(answerFields),
]);

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
  /** Rows that this release cannot read. */
  unreadable: z.array(unreadableRowSchema),
});

const startQuerySchema = z.object({
  wait: z.boolean().optional().describe('False answers 202 at once. Wins over `wait` of the body.'),
});
const oneQuerySchema = z.object({
  mistakes: z
    .int()
    .min(0)
    .max(MAX_MISTAKES)
    .optional()
    .describe('Most mistakes of the answer; default: all.'),
});
const mistakesQuerySchema = z.object({
  true_class: z.string().optional().describe('Only images of this class; of several labels, images with it.'),
  predicted_class: z.string().optional().describe('Only images that were given this class.'),
  offset: z.int().min(0).max(MAX_MISTAKES).default(0).describe('Mistakes to skip, the most confident first.'),
  limit: z.int().min(1).max(100).default(24).describe('Most mistakes of the answer.'),
});
const mistakePageSchema = z.strictObject({
  /** Kept mistakes that match. */
  total: z.int(),
  /** Most confident first. */
  mistakes: z.array(z.union([multiLabelMistakeSchema, mistakeSchema])),
});
const listQuerySchema = z.object({
  model: z.string().min(1).optional().describe('Only evaluations of this model.'),
  version: z.int().min(1).optional().describe('Only evaluations of this version.'),
  limit: z.int().min(1).max(500).default(50).describe('Most evaluations, the newest first.'),
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
  const report = 'task' in metrics ? multiLabelReport(metrics) : classificationReport(metrics);
  return { ...metrics, ...rest, classification_report: report };
}

function pageOf(
  { result }: Evaluation,
  query: z.infer<typeof mistakesQuerySchema>,
): z.infer<typeof mistakePageSchema> {
  const { true_class: truth, predicted_class: predicted, offset, limit } = query;
  const isWanted = (mistake: Mistake | MultiLabelMistake): boolean => {
    const isMulti = 'true_labels' in mistake;
    const truths = isMulti ? mistake.true_labels : [mistake.true_class];
    const answers = isMulti ? mistake.predicted_labels : [mistake.predicted_class];
    return (
      (truth === undefined || truths.includes(truth)) &&
      (predicted === undefined || answers.includes(predicted))
    );
  };
  const matching = (result?.mistakes ?? []).filter(isWanted);
  return { total: matching.length, mistakes: matching.slice(offset, offset + limit) };
}

function answerOf(evaluation: Evaluation): z.infer<typeof answerSchema> {
  const result = describeResult(evaluation);
  if (result === null) throw new FoveaError('internal', 'The evaluation has no result. This is a bug.');
  const { end_time: end, start_time: start } = evaluation.summary;
  return { ...result, evaluation_timestamp: end ?? start, evaluation: describeSummary(evaluation.summary) };
}

async function evaluate(
  parts: EvaluationControl,
  { body, query }: RouteRequest,
  basePath: string,
): Promise<Reply> {
  const form =
    'a JSON object with any of these fields: model, version, data, upload, split, limit, mistakes, wait';
  const asked = parseQuery(startQuerySchema, query);
  const wanted =
    body.length === 0
      ? evaluationRequestSchema.parse({})
      : parseJsonBody(evaluationRequestSchema, body, form);
  const { summary, finished } = await parts.start(wanted);
  if (asked.wait ?? wanted.wait) return jsonReply(answerOf(await finished));
  finished.catch(() => undefined);
  const url = `${basePath}/api/evaluations/${summary.id}`;
  const answer: z.infer<typeof startedSchema> = {
    message: `The evaluation of ${summary.model} version ${summary.version} has started.`,
    status: 'in_progress',
    check_status_url: url,
    evaluation: describeSummary(summary),
  };
  return jsonReply(answer, [['Location', url]], 202);
}

/** Evaluations of model versions. */
export function evaluateRoutes(parts: EvaluationControl, basePath: string): Route[] {
  const one = {
    path: '/api/evaluations/:id',
    parameters: { id: '`evaluation.id` of the answer to `POST /api/model/evaluate`.' },
    errors: ['not_found', 'state_failed'],
    needsModel: false,
  } as const satisfies Partial<Route>;
  return [
    {
      method: 'POST',
      path: '/api/model/evaluate',
      tag: 'evaluations',
      summary:
        'Evaluates a model version on labelled images while the server serves; one at a time. With `wait=false` it answers 202 at once.',
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
      respond: (request) => evaluate(parts, request, basePath),
    },
    {
      method: 'GET',
      path: '/api/evaluations',
      summary: 'The running evaluation with its progress, and past evaluations, newest first.',
      query: listQuerySchema,
      answer: listSchema,
      errors: ['state_failed'],
      access: 'predict',
      limit: 'read',
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
      summary: 'One evaluation: its progress while it runs, then its metrics.',
      query: oneQuerySchema,
      answer: wholeSchema,
      access: 'predict',
      limit: 'read',
      respond: async ({ parameters, query }) => {
        const { mistakes: most } = parseQuery(oneQuerySchema, query);
        const evaluation = await parts.store.byId(parameters.id ?? '');
        const result = describeResult(evaluation);
        const answer: z.infer<typeof wholeSchema> = {
          ...describeSummary(evaluation.summary),
          result: result && { ...result, mistakes: result.mistakes.slice(0, most) },
        };
        return jsonReply(answer);
      },
    },
    {
      ...one,
      method: 'GET',
      path: '/api/evaluations/:id/mistakes',
      summary: 'The mistakes that an evaluation kept, by true and predicted class, a page at a time.',
      query: mistakesQuerySchema,
      answer: mistakePageSchema,
      access: 'predict',
      limit: 'read',
      respond: async ({ parameters, query }) => {
        const wanted = parseQuery(mistakesQuerySchema, query);
        return jsonReply(pageOf(await parts.store.byId(parameters.id ?? ''), wanted));
      },
    },
    {
      ...one,
      method: 'DELETE',
      summary: 'Cancels the running evaluation.',
      answer: summarySchema,
      status: 202,
      access: 'admin',
      limit: undefined,
      respond: ({ parameters }) =>
        jsonReply(describeSummary(parts.store.cancel(parameters.id ?? '')), [], 202),
    },
  ];
}
