import type { ErrorCode } from '../../../platform/errors.js';
import type { Predictions } from '../../../serving/predictions.js';
import { IMAGE_BODY_TYPES, imageJsonSchema, imageOfRequest } from '../image-body.js';
import { parseQuery } from '../query.js';
import { jsonTextReply, type Reply } from '../reply.js';
import type { Route, RouteRequest } from '../route.js';
import { serverTiming } from '../server-timing.js';
import { askOf, predictQuerySchema } from './predict-query.js';
import { answerText, predictionSchema } from './prediction-answer.js';

export interface PredictDeps {
  readonly predictions: Pick<Predictions, 'predict'>;
  readonly maxBodyBytes: number;
  readonly maxListedClasses: number;
}

/** Further errors of the first request that names a model, which loads it. */
export const LOADING_ERRORS: readonly ErrorCode[] = ['model_invalid', 'engine_unavailable'];

/** Classifies one image; `/predict` is the path of the old service's first clients. */
export function predictRoutes({ predictions, maxBodyBytes, maxListedClasses }: PredictDeps): Route[] {
  const noQuery = parseQuery(predictQuerySchema, '');
  const respond = async (request: RouteRequest): Promise<Reply> => {
    const query = request.query === '' ? noQuery : parseQuery(predictQuerySchema, request.query);
    const { input, fileName } = imageOfRequest(request);
    const prediction = await predictions.predict(input, askOf(query, 'http'), request);
    const listing = { maxListedClasses, minConfidence: query.min_confidence ?? 0 };
    const answer = answerText(prediction, { id: request.id, fileName }, listing);
    return jsonTextReply(answer, [serverTiming(prediction.timings)]);
  };
  const predict: Route = {
    method: 'POST',
    path: '/api/predict',
    summary:
      'Classifies one image: form field `file`, image bytes, JSON with base64, or uint8 pixels in the model’s input size.',
    query: predictQuerySchema,
    body: {
      mediaTypes: IMAGE_BODY_TYPES,
      maxBytes: maxBodyBytes,
      json: imageJsonSchema,
      form: { field: 'file', isRepeated: false },
    },
    answer: predictionSchema,
    errors: ['not_found', 'undecodable_image', 'history_failed', ...LOADING_ERRORS],
    access: 'predict',
    limit: 'predict',
    needsModel: true,
    respond,
  };
  return [
    predict,
    {
      ...predict,
      path: '/predict',
      tag: 'predict',
      summary: 'Same as `POST /api/predict`; path of the old service.',
    },
  ];
}
