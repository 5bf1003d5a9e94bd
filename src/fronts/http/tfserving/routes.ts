import { FoveaError } from '../../../platform/errors.js';
import type { Prediction } from '../../../serving/prediction.js';
import { rankClasses } from '../../../serving/rank-classes.js';
import { describedModel } from '../../oip/description.js';
import { predictAll } from '../../oip/infer.js';
import { parseTensorJson, shortFloat } from '../json-numbers.js';
import { ANY_TYPE } from '../media-type.js';
import type { OipParts } from '../oip/routes.js';
import { protocolErrorReply } from '../protocol-error.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route, RouteGroup, RouteRequest } from '../route.js';
import { readClassify, readPredict } from './read-predict.js';
import { metadataOf } from './signatures.js';
import { modelStatus } from './status.js';
import { type Target, targetOf } from './target.js';

const PREFIX = '/v1';

/** The last segment of each may end in a verb, such as `:predict`. */
const MODEL_PATHS = [
  `${PREFIX}/models/:model`,
  `${PREFIX}/models/:model/versions/:version`,
  `${PREFIX}/models/:model/labels/:label`,
];

const PARAMETERS = {
  model: 'Name of a model.',
  version: 'Number of a version in service.',
  label: '`stable`: the active version; `canary`: the version on trial.',
};

function listOf({ probabilities }: Prediction): number[] {
  return Array.from(probabilities, shortFloat);
}

async function predict(parts: OipParts, request: RouteRequest, target: Target): Promise<Reply> {
  const { images, isRow } = readPredict(parseTensorJson(request.body, parts.maxJsonValues), parts.maxImages);
  const lists = (await predictAll(parts, images, target, request)).map(listOf);
  return jsonReply(isRow ? { predictions: lists } : { outputs: lists });
}

async function classify(parts: OipParts, request: RouteRequest, target: Target): Promise<Reply> {
  const { images, topK } = readClassify(parseTensorJson(request.body, parts.maxJsonValues), parts.maxImages);
  const predictions = await predictAll(parts, images, target, request);
  const results = predictions.map(({ probabilities, version: { manifest } }) =>
    rankClasses(probabilities, manifest.labels, topK ?? manifest.labels.length).map(
      ({ label, confidence }) => [label, shortFloat(confidence)],
    ),
  );
  return jsonReply({ results });
}

async function respondPost(parts: OipParts, request: RouteRequest): Promise<Reply> {
  const target = await targetOf(parts.models, request);
  if (target.verb === 'predict') return predict(parts, request, target);
  if (target.verb === 'classify') return classify(parts, request, target);
  if (target.verb === 'regress')
    throw new FoveaError('bad_request', 'The model classifies: use :classify or :predict.');
  throw new FoveaError('not_found', 'The path must end in :predict or :classify.');
}

async function respondStatus(parts: OipParts, request: RouteRequest): Promise<Reply> {
  const { model, version } = await targetOf(parts.models, request);
  return jsonReply(await modelStatus(parts, model, version));
}

async function respondMetadata(parts: OipParts, request: RouteRequest): Promise<Reply> {
  return jsonReply(metadataOf(await describedModel(parts.service, await targetOf(parts.models, request))));
}

/** The REST API of TensorFlow Serving, and KServe's V1 protocol on the same paths.
 * @source tensorflow_serving/g3doc/api_rest.md; kserve docs, "V1 protocol" */
export function tfServingGroup(parts: OipParts): RouteGroup {
  const read = {
    access: 'predict',
    limit: 'read',
    needsModel: false,
    answer: undefined,
    summary: '',
  } as const;
  const base = { parameters: PARAMETERS, ...read };
  const body = { mediaTypes: [ANY_TYPE], maxBytes: parts.maxBodyBytes };
  const routes = MODEL_PATHS.flatMap((path): Route[] => [
    { ...base, method: 'GET', path, respond: (request) => respondStatus(parts, request) },
    {
      ...base,
      method: 'GET',
      path: `${path}/metadata`,
      respond: (request) => respondMetadata(parts, request),
    },
    {
      ...base,
      method: 'POST',
      path,
      body,
      limit: 'batch',
      needsModel: true,
      respond: (request) => respondPost(parts, request),
    },
  ]);
  const list: Route = {
    ...read,
    method: 'GET',
    path: `${PREFIX}/models`,
    respond: () => jsonReply({ models: parts.service.models.map(({ name }) => name) }),
  };
  return { prefix: PREFIX, routes: [list, ...routes], errorReply: protocolErrorReply };
}
