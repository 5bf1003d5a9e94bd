import type { ImageDecoder } from '../../contracts/image.js';
import { FoveaError } from '../../errors.js';
import { IMAGE_BODY_TYPES, imageJsonSchema, imageOfRequest } from '../image-body.js';
import { JSON_TYPE } from '../json-body.js';
import { predictionSchema, predictQuerySchema, serverTiming } from '../prediction.js';
import type { PredictionRecorder } from '../prediction-recorder.js';
import { parseQuery } from '../query.js';
import { predictRecorded } from '../recorded-prediction.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route, RouteRequest } from '../route.js';
import type { ServiceState } from '../service-state.js';

export interface PredictRouteOptions {
  readonly state: ServiceState;
  readonly decoder: ImageDecoder;
  readonly recorder: PredictionRecorder;
  readonly maxBodyBytes: number;
}

/** One image in, one answer out; and the path under which the old service's oldest clients ask for it. */
export function predictRoutes({ state, decoder, recorder, maxBodyBytes }: PredictRouteOptions): Route[] {
  const noQuery = parseQuery(predictQuerySchema, '');
  const respond = async (request: RouteRequest): Promise<Reply> => {
    const query = request.query === '' ? noQuery : parseQuery(predictQuerySchema, request.query);
    const { classifier } = state.requireModel(query);
    const options = { classifier, decoder, recorder, query, request, source: 'http' } as const;
    const outcome = await predictRecorded(() => imageOfRequest(request), options);
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
    errors: ['not_found', 'undecodable_image', 'history_failed'],
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
