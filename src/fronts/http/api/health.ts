import { z } from 'zod';
import type { Phase, Service } from '../../../serving/service-state.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route } from '../route.js';
import { engineAnswer, engineSchema } from './engine-answer.js';

const STATUSES = ['healthy', 'degraded', 'starting', 'draining', 'unhealthy'] as const;
const STATUS_OF_PHASE: Readonly<Record<Phase, (typeof STATUSES)[number]>> = {
  starting: 'starting',
  ready: 'healthy',
  leaving: 'draining',
  draining: 'draining',
  failed: 'unhealthy',
};

const healthSchema = z.strictObject({
  status: z.enum(STATUSES),
  model_loaded: z.boolean(),
  uptime_seconds: z.number(),
  timestamp: z.iso.datetime(),
  /** Version of the server. */
  version: z.string(),
  /** Parts that fail while the server goes on, such as the history on a full disk. */
  degraded: z.array(
    z.strictObject({
      part: z.string(),
      code: z.string(),
      reason: z.string(),
      since: z.iso.datetime(),
      /** Whether predictions fail meanwhile; then the server is not ready. */
      stops_predictions: z.boolean(),
    }),
  ),
  model: z.strictObject({ name: z.string(), version: z.int().positive() }).nullable(),
  /** All models of the repository. A model without active version loads when a request names it. */
  models: z.array(
    z.strictObject({
      name: z.string(),
      is_default: z.boolean(),
      active_version: z.int().positive().nullable(),
      versions: z.array(z.int().positive()),
      problem: z.string().nullable(),
    }),
  ),
  /** The engine of the default model. */
  engine: engineSchema.nullable(),
});

const liveSchema = z.strictObject({ live: z.boolean() });
const readySchema = z.strictObject({ ready: z.boolean(), status: healthSchema.shape.status });

function statusOf({ phase, degraded }: Service): (typeof STATUSES)[number] {
  return phase === 'ready' && degraded.length > 0 ? 'degraded' : STATUS_OF_PHASE[phase];
}

function health(service: Service): z.infer<typeof healthSchema> {
  const classifier = service.model?.classifier;
  return {
    status: statusOf(service),
    model_loaded: classifier !== undefined,
    uptime_seconds: service.uptimeSeconds,
    timestamp: new Date().toISOString(),
    version: service.version,
    degraded: service.degraded.map(({ part, error, since, stopsPredictions }) => ({
      part,
      code: error.code,
      reason: error.message,
      since: since.toISOString(),
      stops_predictions: stopsPredictions,
    })),
    model: classifier ? { name: classifier.version.model, version: classifier.version.version } : null,
    models: service.models.map(({ name, isDefault, activeVersion, versions, problem }) => ({
      name,
      is_default: isDefault,
      active_version: activeVersion,
      versions: [...versions],
      problem,
    })),
    engine: classifier ? engineAnswer(classifier.engine) : null,
  };
}

function liveness(service: Service): Reply {
  const isLive = service.phase !== 'failed';
  const body: z.infer<typeof liveSchema> = { live: isLive };
  return jsonReply(body, [], isLive ? 200 : 503);
}

function readiness(service: Service): Reply {
  const { isReady } = service;
  const body: z.infer<typeof readySchema> = { ready: isReady, status: statusOf(service) };
  return jsonReply(body, [], isReady ? 200 : 503);
}

export function healthRoutes(service: Service): Route[] {
  const healthRoute: Route = {
    method: 'GET',
    path: '/api/health',
    summary:
      'State of the server, its models and its engine, with the reasons why faster engines do not run.',
    answer: healthSchema,
    access: 'open',
    limit: undefined,
    needsModel: false,
    respond: () => jsonReply(health(service)),
  };
  return [
    healthRoute,
    { ...healthRoute, path: '/api/status', summary: 'Same as `GET /api/health`; path of the old service.' },
    {
      method: 'GET',
      path: '/api/health/live',
      summary: 'Liveness: 200, or 503 when the process must be restarted.',
      answer: liveSchema,
      mayAnswer503: true,
      access: 'open',
      limit: undefined,
      needsModel: false,
      respond: () => liveness(service),
    },
    {
      method: 'GET',
      path: '/api/health/ready',
      summary:
        'Readiness: 200 while predictions are served; 503 while the model loads, while the server drains, and, with `FOVEA_HISTORY_DURABILITY=strict`, while the history cannot be written.',
      answer: readySchema,
      mayAnswer503: true,
      access: 'open',
      limit: undefined,
      needsModel: false,
      respond: () => readiness(service),
    },
  ];
}
