import { z } from 'zod';
import { type EvaluationSummary, evaluationSummarySchema } from '../../../learning/evaluation/evaluation.js';
import type { ListedVersion } from '../../../models/repository/list-versions.js';
import { manifestSchema } from '../../../models/repository/manifest.js';
import { versionDigest } from '../../../models/repository/version-digest.js';
import { type ErrorCode, FoveaError } from '../../../platform/errors.js';
import type { ModelControl } from '../../../serving/rollout/model-control.js';
import type { ModelState } from '../../../serving/rollout/served-model.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route } from '../route.js';

/** The newest evaluation of a version that succeeded; `digest` is `versionDigest` of its manifest. */
export type NewestEvaluation = (version: {
  readonly model: string;
  readonly version: number;
  readonly digest: string;
}) => Promise<EvaluationSummary | undefined>;

/** What these routes need of the repository and of what serves. */
export interface ModelsDeps {
  readonly models: ModelControl;
  readonly listVersions: () => Promise<readonly ListedVersion[]>;
  readonly newestEvaluation: NewestEvaluation;
}

const { metrics, training } = manifestSchema.shape;

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
  /** Whether it has instances: as the active version, in the split, or as shadow. */
  is_in_service: z.boolean(),
  created_at: z.iso.datetime().nullable(),
  description: z.string().nullable(),
  /** The version that it was trained further from. */
  parent: z.string().nullable(),
  data_fingerprint: z.string().nullable(),
  training: training.unwrap().omit({ curves: true }).nullable(),
  metrics: metrics.nullable(),
  /** The newest one by `POST /api/model/evaluate`; `GET /api/evaluations/{id}` tells all of it. */
  evaluation: evaluationSchema.nullable(),
  /** Why it cannot be served. */
  problem: z.string().nullable(),
});

const modelSchema = z.strictObject({
  model: z.string(),
  is_default: z.boolean(),
  /** Null while nobody has asked for the model: it is loaded then. */
  active_version: z.int().positive().nullable(),
  versions: z.array(versionSchema),
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
  const base = { version, is_active: version === activeVersion, is_in_service: versions.includes(version) };
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
  { models, newestEvaluation }: ModelsDeps,
  listed: readonly ListedVersion[],
): Promise<ModelAnswer[]> {
  const described = [...new Set(listed.map(({ model }) => model))].map(async (name) => {
    const known = models.states.find((each) => each.name === name);
    const state = known ?? { name, isDefault: false, activeVersion: null, versions: [], problem: null };
    const versions = await Promise.all(
      listed
        .filter(({ model }) => model === name)
        .map((each) =>
          describeVersion(each, state, { problem: models.problemOf(name, each.version), newestEvaluation }),
        ),
    );
    return { model: name, is_default: state.isDefault, active_version: state.activeVersion, versions };
  });
  return Promise.all(described);
}

const rescanSchema = z.strictObject({
  /** `<model>/<version>` that were not there before. */
  added: z.array(z.string()),
  /** Versions that cannot be served; whatever serves goes on. */
  refused: z.array(z.strictObject({ model: z.string(), version: z.int(), problem: z.string() })),
  models: z.array(modelSchema),
});

function parseVersion(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new FoveaError('bad_request', 'A version is a whole number from 1.', { details: { version: text } });
}

/** The versions of the repository, and which of them answers. */
export function modelsRoutes(deps: ModelsDeps): Route[] {
  const { models, listVersions } = deps;
  const activation = (model: string): Reply => {
    const { version } = models.servingOf(model).active.classifier.version;
    const answer: z.infer<typeof activationSchema> = { model, active_version: version };
    return jsonReply(answer);
  };
  const rescan = async (): Promise<Reply> => {
    const { versions, added } = await models.rescan();
    const refused = versions.flatMap(({ model, version, problem }) =>
      problem === null ? [] : { model, version, problem },
    );
    const answer: z.infer<typeof rescanSchema> = {
      added: [...added],
      refused,
      models: await describeModels(deps, await listVersions()),
    };
    return jsonReply(answer);
  };
  return [
    {
      method: 'GET',
      path: '/api/models',
      summary: 'Every model with its versions, as they lie in the repository now.',
      answer: modelsSchema,
      errors: ['model_invalid'],
      access: 'predict',
      needsModel: false,
      respond: async () => jsonReply({ models: await describeModels(deps, await listVersions()) }),
    },
    {
      method: 'GET',
      path: '/api/models/:model',
      summary: 'One model with its versions.',
      answer: modelSchema,
      errors: ['model_invalid'],
      access: 'predict',
      needsModel: false,
      respond: async ({ parameters }) => {
        const described = await describeModels(deps, await listVersions());
        const found = described.find(({ model }) => model === parameters.model);
        if (found !== undefined) return jsonReply(found);
        throw new FoveaError('not_found', 'The repository has no such model.', {
          details: { models: described.map(({ model }) => model) },
        });
      },
    },
    {
      method: 'POST',
      path: '/api/models/rescan',
      summary: 'Looks for new models and versions and verifies every file of all; broken ones are refused.',
      answer: rescanSchema,
      errors: ['model_invalid'],
      access: 'admin',
      needsModel: false,
      respond: rescan,
    },
    {
      method: 'POST',
      path: '/api/models/:model/versions/:version/activate',
      summary:
        'Gives all requests to this version, also after a restart; running ones finish on the one before.',
      answer: activationSchema,
      errors: ACTIVATION_ERRORS,
      access: 'admin',
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
      summary: 'Serves the version again that was active before.',
      answer: activationSchema,
      errors: ACTIVATION_ERRORS,
      access: 'admin',
      needsModel: false,
      respond: async ({ parameters }) => {
        const { model = '' } = parameters;
        await (await models.rolloutOf(model)).rollBack();
        return activation(model);
      },
    },
  ];
}
