import { z } from 'zod';
import { evaluationSummarySchema } from '../../../learning/evaluation/evaluation.js';
import type { NewestEvaluation } from '../../../learning/evaluation/evaluation-control.js';
import type { OwnModels } from '../../../learning/own-models/own-models.js';
import type { ListedVersion } from '../../../models/repository/list-versions.js';
import { manifestSchema } from '../../../models/repository/manifest.js';
import { versionDigest } from '../../../models/repository/version-digest.js';
import { type ErrorCode, FoveaError } from '../../../platform/errors.js';
import type { ModelControl } from '../../../serving/rollout/model-control.js';
import type { ModelState } from '../../../serving/rollout/served-model.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route } from '../route.js';

export interface ModelsDeps {
  readonly own: Pick<OwnModels, 'planned'>;
  readonly models: ModelControl;
  readonly listVersions: () => Promise<readonly ListedVersion[]>;
  readonly newestEvaluation: NewestEvaluation;
}

const { metrics, training } = manifestSchema.shape;

/** Meaning of the path parameter `model`. */
export const MODEL = 'Name of a model of the repository.';

const evaluationSchema = evaluationSummarySchema.pick({
  id: true,
  end_time: true,
  data: true,
  split: true,
  images: true,
  data_fingerprint: true,
  engine: true,
  accuracy: true,
  log_loss: true,
});

const versionSchema = z.strictObject({
  version: z.int().nonnegative(),
  is_active: z.boolean(),
  /** Whether the version has instances: active, in the traffic split, or shadow. */
  is_in_service: z.boolean(),
  created_at: z.iso.datetime().nullable(),
  description: z.string().nullable(),
  /** Base version of its training. */
  parent: z.string().nullable(),
  data_fingerprint: z.string().nullable(),
  training: training.unwrap().omit({ curves: true }).nullable(),
  metrics: metrics.nullable(),
  /** The newest successful evaluation; `GET /api/evaluations/{id}` has all of its metrics. */
  evaluation: evaluationSchema.nullable(),
  /** Servers serve only `accepted` versions without an activation. An activation accepts a version. */
  acceptance: z.enum(['accepted', 'candidate', 'refused']),
  /** Why the version is not accepted. */
  acceptance_reason: z.string().nullable(),
  /** Why the version cannot be served. */
  problem: z.string().nullable(),
});

const modelSchema = z.strictObject({
  model: z.string(),
  is_default: z.boolean(),
  /** Null until a request names the model, which loads it. */
  active_version: z.int().positive().nullable(),
  versions: z.array(versionSchema),
  /** Of a model without versions: what its first training starts from. */
  planned: z.strictObject({ base: z.string(), labels: z.array(z.string()) }).nullable(),
});

const modelsSchema = z.strictObject({ models: z.array(modelSchema) });

const activationSchema = z.strictObject({ model: z.string(), active_version: z.int().positive() });

export const ACTIVATION_ERRORS: readonly ErrorCode[] = [
  'activation_running',
  'model_invalid',
  'model_not_ready',
  'bad_request',
  'engine_failed',
  'engine_unavailable',
];

type ModelAnswer = z.infer<typeof modelSchema>;

async function describeVersion(
  listed: ListedVersion,
  { activeVersion, versions }: ModelState,
  { problem, newestEvaluation }: { problem: string | undefined; newestEvaluation: NewestEvaluation },
): Promise<ModelAnswer['versions'][number]> {
  const { version } = listed;
  const base = {
    version,
    is_active: version === activeVersion,
    is_in_service: versions.includes(version),
    acceptance: listed.acceptance.state,
    acceptance_reason: listed.acceptance.reason,
  };
  if ('problem' in listed) {
    const unknown = { created_at: null, description: null, parent: null, data_fingerprint: null };
    return { ...base, ...unknown, training: null, metrics: null, evaluation: null, problem: listed.problem };
  }
  const { manifest } = listed;
  const { curves: _, ...trained } = manifest.training ?? { curves: [] };
  const { model } = manifest;
  const evaluation = await newestEvaluation({ model, version, digest: versionDigest(manifest) });
  return {
    ...base,
    created_at: manifest.created_at,
    description: manifest.description,
    parent: manifest.training?.parent ?? null,
    data_fingerprint: manifest.training?.data_fingerprint ?? null,
    training: 'command' in trained ? trained : null,
    metrics: manifest.metrics,
    evaluation: evaluation === undefined ? null : evaluationSchema.strip().parse(evaluation),
    problem: problem ?? null,
  };
}

async function describeModels(
  { models, own, newestEvaluation }: ModelsDeps,
  listed: readonly ListedVersion[],
): Promise<ModelAnswer[]> {
  const described = [...new Set(listed.map(({ model }) => model))].map(async (name) => {
    const known = models.states.find((each) => each.name === name);
    const state = known ?? {
      name,
      isDefault: false,
      activeVersion: null,
      versions: [],
      isUnloaded: false,
      problem: null,
    };
    const versions = await Promise.all(
      listed
        .filter(({ model }) => model === name)
        .map((each) =>
          describeVersion(each, state, { problem: models.problemOf(name, each.version), newestEvaluation }),
        ),
    );
    const { isDefault: is_default, activeVersion: active_version } = state;
    return { model: name, is_default, active_version, versions, planned: null };
  });
  const planned = [...own.planned].map(([model, { base, labels }]) => ({
    model,
    is_default: false,
    active_version: null,
    versions: [],
    planned: { base: `${base.model}/${base.version}`, labels },
  }));
  return [...(await Promise.all(described)), ...planned];
}

const rescanSchema = z.strictObject({
  /** `<model>/<version>` that the last scan did not find and that can be served. */
  added: z.array(z.string()),
  /** Versions that cannot be served. Versions in service stay in service. */
  refused: z.array(z.strictObject({ model: z.string(), version: z.int(), problem: z.string() })),
  /** Entries of the repository that are not model versions, such as files and dangling links. */
  ignored: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
  models: z.array(modelSchema),
});

/** @throws FoveaError `bad_request` */
export function parseVersion(text: string): number {
  if (/^[1-9]\d*$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new FoveaError('bad_request', 'A version is a whole number from 1.', { details: { version: text } });
}

/** Models and versions of the repository, and their activation. */
export function modelsRoutes(deps: ModelsDeps): Route[] {
  const { models, listVersions } = deps;
  const activation = (model: string): Reply => {
    const { version } = models.servingOf(model).active.classifier.version;
    const answer: z.infer<typeof activationSchema> = { model, active_version: version };
    return jsonReply(answer);
  };
  const rescan = async (): Promise<Reply> => {
    const { versions, added, ignored } = await models.rescan();
    const refused = versions.flatMap(({ model, version, problem }) =>
      problem === null ? [] : { model, version, problem },
    );
    const answer: z.infer<typeof rescanSchema> = {
      added: added.filter((name) => !refused.some(({ model, version }) => name === `${model}/${version}`)),
      refused,
      ignored: [...ignored],
      models: await describeModels(deps, await listVersions()),
    };
    return jsonReply(answer);
  };
  return [
    {
      method: 'GET',
      path: '/api/models',
      summary: 'All models and versions of the repository.',
      answer: modelsSchema,
      errors: ['model_invalid'],
      access: 'predict',
      limit: 'read',
      needsModel: false,
      respond: async () => jsonReply({ models: await describeModels(deps, await listVersions()) }),
    },
    {
      method: 'GET',
      path: '/api/models/:model',
      parameters: { model: MODEL },
      summary: 'One model and its versions.',
      answer: modelSchema,
      errors: ['model_invalid'],
      access: 'predict',
      limit: 'read',
      needsModel: false,
      respond: async ({ parameters }) => {
        const described = await describeModels(deps, await listVersions());
        const found = described.find(({ model }) => model === parameters.model);
        if (found !== undefined) return jsonReply(found);
        throw new FoveaError('not_found', `The repository has no model "${parameters.model}".`, {
          details: { models: described.map(({ model }) => model) },
        });
      },
    },
    {
      method: 'POST',
      path: '/api/models/rescan',
      summary:
        'Finds new models and versions, verifies every file, and lists versions that cannot be served.',
      answer: rescanSchema,
      errors: ['model_invalid'],
      access: 'admin',
      limit: undefined,
      needsModel: false,
      respond: rescan,
    },
    {
      method: 'POST',
      path: '/api/models/:model/versions/:version/activate',
      parameters: { model: MODEL, version: 'Number of the version.' },
      summary:
        'Activates a version: it answers all requests of its model, also after a restart. Requests in flight finish on the previous version.',
      answer: activationSchema,
      errors: ACTIVATION_ERRORS,
      access: 'admin',
      limit: undefined,
      needsModel: false,
      respond: async ({ parameters }) => {
        const { model = '', version = '' } = parameters;
        await (await models.rolloutOf(model)).activate(parseVersion(version));
        return activation(model);
      },
    },
    {
      method: 'POST',
      path: '/api/models/:model/rollback',
      parameters: { model: MODEL },
      summary: 'Activates the version that was active before.',
      answer: activationSchema,
      errors: ACTIVATION_ERRORS,
      access: 'admin',
      limit: undefined,
      needsModel: false,
      respond: async ({ parameters }) => {
        const { model = '' } = parameters;
        await (await models.rolloutOf(model)).rollBack();
        return activation(model);
      },
    },
  ];
}
