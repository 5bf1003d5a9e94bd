import { z } from 'zod';
import { FoveaError } from '../../../platform/errors.js';
import { type DescriptionDeps, modelConfig, modelMetadata, serverMetadata } from '../../oip/description.js';
import { type InferDeps, infer } from '../../oip/infer.js';
import { loadModel, type RepositoryDeps, repositoryIndex, requireReady } from '../../oip/repository.js';
import { modelStatistics, type StatisticsDeps } from '../../oip/statistics.js';
import { versionOf } from '../../oip/version-text.js';
import { parseJsonBody } from '../json-body.js';
import { ANY_TYPE } from '../media-type.js';
import { protocolErrorReply } from '../protocol-error.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route, RouteGroup, RouteRequest } from '../route.js';
import { inferReply } from './infer-reply.js';
import { readInfer } from './read-infer.js';

export interface OipParts extends DescriptionDeps, InferDeps, RepositoryDeps, StatisticsDeps {
  readonly service: DescriptionDeps['service'];
  readonly maxBodyBytes: number;
  /** Most values in the JSON of a request. */
  readonly maxJsonValues: number;
}

const PREFIX = '/v2';

/** A model's own paths, with and without a version. */
const MODEL_PATHS = [`${PREFIX}/models/:model`, `${PREFIX}/models/:model/versions/:version`];

const PARAMETERS = { model: 'Name of a model.', version: 'Number of a version in service.' };

/** Of Triton; this server does not have them. */
const UNSUPPORTED = [
  '/systemsharedmemory/*',
  '/cudasharedmemory/*',
  '/logging',
  '/trace/setting',
  '/models/:model/trace/setting',
];

type Kind = Pick<Route, 'access' | 'limit' | 'needsModel' | 'answer'>;

const HEALTH: Kind = { access: 'open', limit: undefined, needsModel: false, answer: undefined };
const READ: Kind = { access: 'predict', limit: 'read', needsModel: false, answer: undefined };
const ADMIN: Kind = { access: 'admin', limit: undefined, needsModel: false, answer: undefined };
const INFER: Kind = { access: 'predict', limit: 'batch', needsModel: true, answer: undefined };

function get(path: string, kind: Kind, respond: Route['respond']): Route {
  return { method: 'GET', path, summary: '', parameters: PARAMETERS, ...kind, respond };
}

/** A POST whose body is JSON whatever the client declares, and may be missing. */
function post(path: string, kind: Kind, respond: Route['respond']): Route {
  const body = { mediaTypes: [ANY_TYPE], maxBytes: 65_536, isOptional: true };
  return { method: 'POST', path, summary: '', parameters: PARAMETERS, body, ...kind, respond };
}

function askedOf({ parameters: { model, version } }: Pick<RouteRequest, 'parameters'>) {
  return { model, version: versionOf(version) };
}

function healthRoutes({ service }: OipParts): Route[] {
  return [
    get(`${PREFIX}/health/live`, HEALTH, () => {
      const isLive = service.phase !== 'failed';
      return jsonReply({ live: isLive }, [], isLive ? 200 : 503);
    }),
    get(`${PREFIX}/health/ready`, HEALTH, () => {
      if (service.phase === 'ready') return jsonReply({ ready: true });
      throw new FoveaError('model_not_ready', 'Server is not ready');
    }),
  ];
}

function modelRoutes(parts: OipParts, path: string): Route[] {
  return [
    get(path, READ, async (request) => jsonReply(await modelMetadata(parts, askedOf(request)))),
    get(`${path}/config`, READ, async (request) => jsonReply(await modelConfig(parts, askedOf(request)))),
    get(`${path}/stats`, READ, (request) => jsonReply(modelStatistics(parts, askedOf(request)))),
    get(`${path}/ready`, HEALTH, async (request) => {
      await requireReady(parts, askedOf(request));
      return jsonReply({ name: request.parameters.model, ready: true });
    }),
    {
      ...post(`${path}/infer`, INFER, (request) => respondInfer(parts, request)),
      body: { mediaTypes: [ANY_TYPE], maxBytes: parts.maxBodyBytes },
    },
  ];
}

async function respondInfer(parts: OipParts, request: RouteRequest): Promise<Reply> {
  const { body, headers } = request;
  const sent = readInfer(body, headers.get('inference-header-content-length'), parts.maxJsonValues);
  const { model = '', version } = askedOf(request);
  const { inputs, outputs, timeoutMs } = sent;
  const answer = await infer(parts, { model, version, inputs, outputs, timeoutMs }, request);
  return inferReply(answer, sent);
}

const indexSchema = z.looseObject({ ready: z.boolean().optional() });
const loadSchema = z.looseObject({ parameters: z.record(z.string(), z.unknown()).optional() });

/** @throws FoveaError `not_implemented` for a configuration or files in the request */
function checkLoad(body: Buffer): void {
  if (body.length === 0) return;
  const { parameters = {} } = parseJsonBody(loadSchema, body, '{"parameters": {…}}');
  if (Object.keys(parameters).some((name) => name === 'config' || name.startsWith('file:')))
    throw new FoveaError(
      'not_implemented',
      'A model is loaded as it lies in the repository: config and file: are not taken.',
    );
}

function repositoryRoutes(parts: OipParts): Route[] {
  const path = `${PREFIX}/repository`;
  return [
    post(`${path}/index`, READ, async ({ body }) => {
      const { ready = false } = body.length === 0 ? {} : parseJsonBody(indexSchema, body, '{"ready": true}');
      return jsonReply(await repositoryIndex(parts, ready));
    }),
    post(`${path}/models/:model/load`, ADMIN, async ({ body, parameters: { model = '' } }) => {
      checkLoad(body);
      await loadModel(parts, model);
      return jsonReply({});
    }),
    post(`${path}/models/:model/unload`, ADMIN, ({ parameters: { model = '' } }) => {
      parts.models.unload(model);
      return jsonReply({});
    }),
  ];
}

function unsupported(path: string): Route[] {
  const respond = (): never => {
    throw new FoveaError('not_implemented', 'This extension is not supported.');
  };
  return [get(PREFIX + path, READ, respond), post(PREFIX + path, READ, respond)];
}

/** The Open Inference Protocol over HTTP.
 * @source https://github.com/kserve/open-inference-protocol, and the extensions of NVIDIA Triton */
export function oipGroup(parts: OipParts): RouteGroup {
  const { service } = parts;
  const metadata = (): Reply => jsonReply(serverMetadata(service));
  const routes = [
    get(PREFIX, READ, metadata),
    get(`${PREFIX}/`, READ, metadata),
    ...healthRoutes(parts),
    get(`${PREFIX}/models`, READ, () => jsonReply({ models: service.models.map(({ name }) => name) })),
    get(`${PREFIX}/models/stats`, READ, () => jsonReply(modelStatistics(parts, {}))),
    ...MODEL_PATHS.flatMap((path) => modelRoutes(parts, path)),
    ...repositoryRoutes(parts),
    ...UNSUPPORTED.flatMap(unsupported),
  ];
  return { prefix: PREFIX, routes, errorReply: protocolErrorReply };
}
