import { type ErrorCode, FoveaError } from '../../../platform/errors.js';
import type { ImageDecoder } from '../../../serving/decoding/image.js';
import { predictionSchema } from '../../../serving/prediction.js';
import type { PredictionRecorder } from '../../../serving/prediction-recorder.js';
import { predictRecorded } from '../../../serving/recorded-prediction.js';
import type { SentImage } from '../../../serving/sent-image.js';
import type { ServiceState } from '../../../serving/service-state.js';
import type { ShadowPredictions } from '../../../serving/shadow-predictions.js';
import { IMAGE_BODY_TYPES, imageJsonSchema, imageOfRequest } from '../image-body.js';
import { JSON_TYPE } from '../json-body.js';
import { parseQuery } from '../query.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route, RouteRequest } from '../route.js';
import { serverTiming } from '../server-timing.js';
import { predictQuerySchema } from './predict-query.js';

export interface PredictRouteOptions {
  readonly state: ServiceState;
  readonly decoder: ImageDecoder;
  readonly recorder: PredictionRecorder;
  readonly shadows: ShadowPredictions;
  readonly maxBodyBytes: number;
}

/** What else may befall whoever asks for a model first. */
export const LOADING_ERRORS: readonly ErrorCode[] = ['model_invalid', 'engine_unavailable'];

/** One image in, one answer out; and the path under which the old service's oldest clients ask for it. */
export function predictRoutes(routeOptions: PredictRouteOptions): Route[] {
  const { state, decoder, recorder, shadows, maxBodyBytes } = routeOptions;
  const noQuery = parseQuery(predictQuerySchema, '');
  const respond = async (request: RouteRequest): Promise<Reply> => {
    const query = request.query === '' ? noQuery : parseQuery(predictQuerySchema, request.query);
    const loading = state.prepareModel(query.model);
    if (loading !== undefined) await loading;
    const primary = state.requireModel(query);
    const { classifier } = primary;
    const options = { classifier, decoder, recorder, query, request, source: 'http' } as const;
    const takeImage = (): SentImage => imageOfRequest(request);
    const outcome = await predictRecorded(takeImage, options);
    shadows.follow({ primary, request, takeImage, outcome });
    if (outcome instanceof FoveaError) throw outcome;
    return jsonReply(outcome.answer, [serverTiming(outcome.timings)]);
  };
  const predict: Route = {
    method: 'POST',
    path: '/api/predict',
    summary: 'Classifies one image: a form’s field `file`, the image’s own bytes, or JSON with base64.',
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
      summary: 'The same for JSON, under its old path.',
      body: { mediaTypes: [JSON_TYPE], maxBytes: maxBodyBytes, json: imageJsonSchema },
    },
  ];
}
