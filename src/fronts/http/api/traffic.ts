import { z } from 'zod';
import { type History, versionFiguresSchema } from '../../../insight/history/history.js';
import { trafficRequestSchema } from '../../../models/repository/traffic.js';
import type { ModelControl, RolloutControl, ServingView } from '../../../serving/rollout/model-control.js';
import type { ServedModel } from '../../../serving/rollout/served-model.js';
import { JSON_TYPE, parseJsonBody } from '../json-body.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route, RouteRequest } from '../route.js';
import { ACTIVATION_ERRORS, MODEL } from './models.js';

export interface TrafficDeps {
  readonly models: Pick<ModelControl, 'loadedOf' | 'rolloutOf'>;
  readonly history: Pick<History, 'compare'>;
}

const MAX_BODY_BYTES = 4096;
/** Time to load and warm up several versions, one after another. */
const CHANGE_MS = 10 * 60 * 1000;
/** Without a traffic setting, figures cover the last day. */
const DAY_MS = 24 * 3600 * 1000;

const promoteSchema = z.strictObject({
  /** Required when the split has several canaries. */
  version: z.int().positive().optional(),
});

const trafficSchema = z.strictObject({
  model: z.string(),
  active_version: z.int().positive(),
  /** Whether other versions than the active one get requests. */
  is_split: z.boolean(),
  /** Start of the figures: when the traffic was set, else a day ago. */
  since: z.iso.datetime(),
  versions: z.array(
    versionFiguresSchema.extend({
      role: z.enum(['active', 'canary', 'shadow']),
      /** Percent of the model's requests; 0 for a shadow. */
      percent: z.number(),
    }),
  ),
});

type TrafficAnswer = z.infer<typeof trafficSchema>;
type Role = Pick<TrafficAnswer['versions'][number], 'version' | 'role' | 'percent'>;

function rolesOf({ active, shares, shadows }: ServingView): Role[] {
  const numberOf = ({ classifier }: ServedModel): number => classifier.version.version;
  return [
    ...shares.map(({ served, percent }) => ({
      version: numberOf(served),
      role: served === active ? ('active' as const) : ('canary' as const),
      percent,
    })),
    ...shadows.map((served) => ({ version: numberOf(served), role: 'shadow' as const, percent: 0 })),
  ];
}

/** Traffic split between versions of a model: canaries and shadows. */
export function trafficRoutes({ models, history }: TrafficDeps): Route[] {
  const describe = async (model: string): Promise<Reply> => {
    const serving = await models.loadedOf(model);
    const since = serving.since ?? new Date(Date.now() - DAY_MS).toISOString();
    const roles = rolesOf(serving);
    const figures = await history.compare({
      model,
      versions: roles.map(({ version, role }) => ({ version, is_shadow: role === 'shadow' })),
      from: since,
    });
    const answer: TrafficAnswer = {
      model,
      active_version: serving.active.classifier.version.version,
      is_split: serving.since !== null,
      since,
      versions: figures.flatMap((each, place) => {
        const role = roles[place];
        return role === undefined ? [] : { ...each, ...role };
      }),
    };
    return jsonReply(answer);
  };
  const change = async (
    { parameters }: RouteRequest,
    run: (rollout: RolloutControl) => Promise<void>,
  ): Promise<Reply> => {
    const { model = '' } = parameters;
    await run(await models.rolloutOf(model));
    return describe(model);
  };
  const path = '/api/models/:model/traffic';
  const common = { answer: trafficSchema, parameters: { model: MODEL }, needsModel: false } as const;
  const changing = {
    ...common,
    errors: [...ACTIVATION_ERRORS, 'draining', 'history_failed', 'overloaded'],
    access: 'admin',
    limit: undefined,
    timeoutMs: CHANGE_MS,
  } as const;
  return [
    {
      ...common,
      method: 'GET',
      path,
      summary: 'Traffic split of a model, and figures of each version since the split was set.',
      errors: [
        'model_not_ready',
        'model_invalid',
        'engine_failed',
        'engine_unavailable',
        'history_failed',
        'overloaded',
      ],
      access: 'predict',
      limit: 'read',
      respond: ({ parameters }) => describe(parameters.model ?? ''),
    },
    {
      ...changing,
      method: 'PUT',
      path,
      summary: 'Sets the traffic split of a model by percent, and its shadows; it survives a restart.',
      body: { mediaTypes: [JSON_TYPE], maxBytes: MAX_BODY_BYTES, json: trafficRequestSchema },
      respond: (request) => {
        const form =
          '{"split": [{"version": 2, "percent": 90}, {"version": 3, "percent": 10}], "shadow": [1]}';
        const wanted = parseJsonBody(trafficRequestSchema, request.body, form);
        return change(request, (rollout) => rollout.setTraffic(wanted));
      },
    },
    {
      ...changing,
      method: 'POST',
      path: `${path}/promote`,
      summary: 'Activates the canary: it answers all requests.',
      body: { mediaTypes: [JSON_TYPE], maxBytes: MAX_BODY_BYTES, isOptional: true, json: promoteSchema },
      respond: (request) => {
        const { version } =
          request.body.length === 0 ? {} : parseJsonBody(promoteSchema, request.body, '{"version": 3}');
        return change(request, (rollout) => rollout.promote(version));
      },
    },
    {
      ...changing,
      method: 'POST',
      path: `${path}/abort`,
      summary: 'Ends the split: the active version answers all requests.',
      respond: (request) => change(request, (rollout) => rollout.abort()),
    },
  ];
}
