import { z } from 'zod';
import { ERROR_CODES, FoveaError } from '../../../platform/errors.js';
import { predictionSchema, type Timings } from '../../../serving/prediction.js';
import { type Outcome, predictRecorded } from '../../../serving/recorded-prediction.js';
import type { SentImage } from '../../../serving/sent-image.js';
import { imageOfPart, MULTIPART_TYPE, partsOfForm } from '../image-body.js';
import type { Part } from '../multipart.js';
import { parseQuery } from '../query.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route, RouteRequest } from '../route.js';
import { serverTiming } from '../server-timing.js';
import { ERROR_STATUS } from '../status.js';
import { LOADING_ERRORS, type PredictRouteOptions } from './predict.js';
import { predictQuerySchema } from './predict-query.js';

/** Place of the file among the form's files, from 0: file names need not be unique. */
const index = z.int().nonnegative();

const batchSchema = z.strictObject({
  total_processed: z.int().nonnegative(),
  total_errors: z.int().nonnegative(),
  predictions: z.array(predictionSchema.extend({ index })),
  errors: z.array(
    z.strictObject({ index, filename: z.string().nullable(), error: z.string(), code: z.enum(ERROR_CODES) }),
  ),
  request_id: z.string(),
});

type BatchAnswer = z.infer<typeof batchSchema>;

function joinAnswers(parts: readonly Part[], outcomes: readonly Outcome[], requestId: string): BatchAnswer {
  const predictions: BatchAnswer['predictions'] = [];
  const errors: BatchAnswer['errors'] = [];
  for (const [place, outcome] of outcomes.entries()) {
    if (outcome instanceof FoveaError) {
      const filename = parts[place]?.fileName ?? null;
      errors.push({ index: place, filename, error: outcome.message, code: outcome.code });
    } else {
      predictions.push({ ...outcome.answer, index: place });
    }
  }
  return {
    total_processed: predictions.length,
    total_errors: errors.length,
    predictions,
    errors,
    request_id: requestId,
  };
}

/** The images ran beside each other: the slowest of each step is what the request waited for. */
function slowest(outcomes: readonly Outcome[]): Timings {
  const slow = { queueMs: 0, decodeMs: 0, inferenceMs: 0 };
  for (const outcome of outcomes) {
    if (outcome instanceof FoveaError) continue;
    slow.queueMs = Math.max(slow.queueMs, outcome.timings.queueMs);
    slow.decodeMs = Math.max(slow.decodeMs, outcome.timings.decodeMs);
    slow.inferenceMs = Math.max(slow.inferenceMs, outcome.timings.inferenceMs);
  }
  return slow;
}

export interface PredictBatchRouteOptions extends PredictRouteOptions {
  readonly maxImages: number;
  /** Hears of every image that failed by a fault of ours. */
  readonly onFault: (error: FoveaError, requestId: string) => void;
}

export function predictBatchRoute(options: PredictBatchRouteOptions): Route {
  const { state, decoder, recorder, shadows, maxBodyBytes, maxImages, onFault } = options;
  const respond = async (request: RouteRequest): Promise<Reply> => {
    const query = parseQuery(predictQuerySchema, request.query);
    const loading = state.prepareModel(query.model);
    if (loading !== undefined) await loading;
    const primary = state.requireModel(query);
    const { classifier } = primary;
    const parts = partsOfForm(request, 'files', maxImages);
    if (!decoder.hasRoomFor(parts.length)) {
      throw new FoveaError('overloaded', 'Too many images wait to be decoded.');
    }
    await request.charge(parts.length - 1);
    const imageOptions = { classifier, decoder, recorder, query, request, source: 'batch' } as const;
    // One image's fault is its own: it does not fail its neighbours.
    const outcomes = await Promise.all(
      parts.map(async (part) => {
        const takeImage = (): SentImage => imageOfPart(part);
        const outcome = await predictRecorded(takeImage, imageOptions);
        shadows.follow({ primary, request, takeImage, outcome });
        return outcome;
      }),
    );
    for (const outcome of outcomes) {
      if (outcome instanceof FoveaError && ERROR_STATUS[outcome.code].status === 500)
        onFault(outcome, request.requestId);
    }
    return jsonReply(joinAnswers(parts, outcomes, request.requestId), [serverTiming(slowest(outcomes))]);
  };
  return {
    method: 'POST',
    path: '/api/predict/batch',
    summary: 'Classifies several images, a form’s fields `files`; each is answered or faulted by itself.',
    query: predictQuerySchema,
    body: {
      mediaTypes: [MULTIPART_TYPE],
      maxBytes: maxBodyBytes,
      form: { field: 'files', isRepeated: true },
    },
    answer: batchSchema,
    errors: ['not_found', ...LOADING_ERRORS],
    access: 'predict',
    limit: 'batch',
    needsModel: true,
    respond,
  };
}
