import type { FoveaError } from '../../../platform/errors.js';
import { rankClasses } from '../../../serving/rank-classes.js';
import { predictAll } from '../../oip/infer.js';
import { versionOf } from '../../oip/version-text.js';
import { imageOfPart, MULTIPART_TYPE, partsOfForm, type SentImage } from '../image-body.js';
import { shortFloat } from '../json-numbers.js';
import { ANY_TYPE, mediaTypeOf } from '../media-type.js';
import type { OipParts } from '../oip/routes.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route, RouteGroup, RouteRequest } from '../route.js';
import { ERROR_STATUS } from '../status.js';

/** Classes of an answer of a `single` model, as TorchServe's `image_classifier` gives them. */
const TOP_CLASSES = 5;

const PATHS = ['/predictions/:model', '/predictions/:model/:version'];

/** TorchServe's names of its exceptions, by status; clients compare `code`. */
const EXCEPTIONS: Readonly<Record<number, string>> = {
  400: 'BadRequestException',
  404: 'ModelNotFoundException',
  405: 'MethodNotAllowedException',
  503: 'ServiceUnavailableException',
};

/** @source TorchServe, frontend `ErrorResponse` */
function torchServeError({ code, message }: FoveaError): Reply {
  const { status } = ERROR_STATUS[code];
  const general = status < 500 ? 'BadRequestException' : 'InternalServerException';
  return jsonReply({ code: status, type: EXCEPTIONS[status] ?? general, message }, [], status);
}

/** The form field `data`, or the whole body. */
function imageOf(request: RouteRequest): SentImage['input'] {
  if (mediaTypeOf(request.contentType) !== MULTIPART_TYPE) return { kind: 'encoded', bytes: request.body };
  const [part] = partsOfForm(request, 'data', 1);
  if (part === undefined) throw new Error('A form without file passed. This is a bug.');
  return imageOfPart(part).input;
}

async function respondPredict(parts: OipParts, request: RouteRequest): Promise<Reply> {
  const { model = '', version } = request.parameters;
  const target = { model, version: versionOf(version) };
  const [prediction] = await predictAll(parts, [imageOf(request)], target, request);
  if (prediction === undefined) throw new Error('An image without prediction passed. This is a bug.');
  const { probabilities, version: served, labels } = prediction;
  const top = labels ?? rankClasses(probabilities, served.manifest.labels, TOP_CLASSES);
  return jsonReply(Object.fromEntries(top.map(({ label, confidence }) => [label, shortFloat(confidence)])));
}

/** The paths of TorchServe that its clients call.
 * @source https://pytorch.org/serve/inference_api.html */
export function torchServeGroup(parts: OipParts): RouteGroup {
  const { service } = parts;
  const open = {
    access: 'open',
    limit: undefined,
    needsModel: false,
    answer: undefined,
    summary: '',
  } as const;
  const predict = PATHS.map(
    (path): Route => ({
      ...open,
      method: 'POST',
      path,
      body: { mediaTypes: [ANY_TYPE], maxBytes: parts.maxBodyBytes },
      access: 'predict',
      limit: 'predict',
      needsModel: true,
      respond: (request) => respondPredict(parts, request),
    }),
  );
  const ping: Route = {
    ...open,
    method: 'GET',
    path: '/ping',
    respond: () => {
      const isHealthy = service.phase === 'ready';
      return jsonReply({ status: isHealthy ? 'Healthy' : 'Unhealthy' }, [], isHealthy ? 200 : 503);
    },
  };
  const list: Route = {
    ...open,
    method: 'GET',
    path: '/models',
    access: 'predict',
    limit: 'read',
    respond: () =>
      jsonReply({ models: service.models.map(({ name }) => ({ modelName: name, modelUrl: name })) }),
  };
  return { prefix: '/predictions', routes: [...predict, ping, list], errorReply: torchServeError };
}
