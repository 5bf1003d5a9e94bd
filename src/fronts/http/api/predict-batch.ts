import { z } from 'zod';
import { ERROR_CODES, FoveaError } from '../../../platform/errors.js';
import type { Outcome, Timings } from '../../../serving/prediction.js';
import type { Predictions } from '../../../serving/predictions.js';
import { imageOfPart, MULTIPART_TYPE, partsOfForm, type SentImage } from '../image-body.js';
import { parseQuery } from '../query.js';
import { jsonTextReply, type Reply } from '../reply.js';
import type { Route, RouteRequest } from '../route.js';
import { serverTiming } from '../server-timing.js';
import { ERROR_STATUS } from '../status.js';
import { LOADING_ERRORS } from './predict.js';
import { askOf, predictQuerySchema } from './predict-query.js';
import { answerText, type Listing, predictionSchema } from './prediction-answer.js';

/** Index of the file among the form's files, from 0; file names need not be unique. */
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

type ImageError = z.infer<typeof batchSchema>['errors'][number];

/** The whole answer as JSON, in the order of `batchSchema`. */
function joinAnswers(
  images: readonly SentImage[],
  outcomes: readonly Outcome[],
  { id, listing }: { readonly id: string; readonly listing: Listing },
): string {
  const predictions: string[] = [];
  const errors: ImageError[] = [];
  for (const [place, outcome] of outcomes.entries()) {
    const fileName = images[place]?.fileName ?? null;
    if (outcome instanceof FoveaError) {
      errors.push({ index: place, filename: fileName, error: outcome.message, code: outcome.code });
    } else {
      predictions.push(`${answerText(outcome, { id, fileName }, listing).slice(0, -1)},"index":${place}}`);
    }
  }
  return `{"total_processed":${predictions.length},"total_errors":${errors.length},"predictions":[${predictions.join(',')}],"errors":${JSON.stringify(errors)},"request_id":${JSON.stringify(id)}}`;
}

/** Images run in parallel: the request waited for the slowest image of each step. */
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

export interface PredictBatchDeps {
  readonly predictions: Pick<Predictions, 'predictMany'>;
  readonly maxBodyBytes: number;
  readonly maxListedClasses: number;
  readonly maxImages: number;
  /** Called for each image that failed with status 500. */
  readonly onFault: (error: FoveaError, requestId: string) => void;
}

export function predictBatchRoutes(deps: PredictBatchDeps): Route[] {
  const { predictions, maxBodyBytes, maxListedClasses, maxImages, onFault } = deps;
  const respond = async (request: RouteRequest): Promise<Reply> => {
    const query = parseQuery(predictQuerySchema, request.query);
    const ask = askOf(query, 'batch');
    const listing = { maxListedClasses, minConfidence: query.min_confidence ?? 0 };
    const images = partsOfForm(request, 'files', maxImages).map(imageOfPart);
    const inputs = images.map(({ input }) => input);
    const outcomes = await predictions.predictMany(inputs, ask, request);
    for (const outcome of outcomes) {
      if (outcome instanceof FoveaError && ERROR_STATUS[outcome.code].status === 500)
        onFault(outcome, request.id);
    }
    return jsonTextReply(joinAnswers(images, outcomes, { id: request.id, listing }), [
      serverTiming(slowest(outcomes)),
    ]);
  };
  return [
    {
      method: 'POST',
      path: '/api/predict/batch',
      summary: 'Classifies the images in the form fields `files`. Each image has its own answer or error.',
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
    },
  ];
}
