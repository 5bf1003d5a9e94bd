import { z } from 'zod';
import { type EvaluationSummary, evaluationSummarySchema } from '../../contracts/evaluation.js';
import { manifestSchema } from '../../contracts/manifest.js';
import { type ErrorCode, FoveaError } from '../../errors.js';
import type { ListedVersion } from '../../repository/list-versions.js';
import { versionDigest } from '../../repository/version-digest.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route } from '../route.js';
import type { ServiceState } from '../service-state.js';

/** What these routes need of the repository and of the rollout. */
export interface ModelVersions {
  list(): Promise<readonly ListedVersion[]>;
  activate(model: string, version: number): Promise<void>;
  rollBack(model: string): Promise<void>;
}

/** The newest evaluation of a version that succeeded; `digest` is `versionDigest` of its manifest. */
export type NewestEvaluation = (
  model: string,
  version: number,
  digest: string,
) => EvaluationSummary | undefined;

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
  active_version: z.int().positive().nullable(),
  versions: z.array(versionSchema),
});

const modelsSchema = z.strictObject({ models: z.array(modelSchema) });

const activationSchema = z.strictObject({ model: z.string(), active_version: z.int().positive() });

const ACTIVATION_ERRORS: readonly ErrorCode[] = [
  'activation_running',
  'model_invalid',
  'model_not_ready',
  'bad_request',
  'engine_failed',
  'engine_unavailable',
];

type ModelAnswer = z.infer<typeof modelSchema>;

function describeVersion(
  listed: ListedVersion,
  isActive: boolean,
  newestEvaluation: NewestEvaluation,
): ModelAnswer['versions'][number] {
  const base = { version: listed.version, is_active: isActive };
  if ('problem' in listed) {
    const unknown = { created_at: null, description: null, parent: null, data_fingerprint: null };
    return { ...base, ...unknown, training: null, metrics: null, evaluation: null, problem: listed.problem };
  }
  const { manifest } = listed;
  const { curves: _, ...trained } = manifest.training ?? { curves: [] };
  const evaluation = newestEvaluation(manifest.model, manifest.version, versionDigest(manifest));
  return {
    ...base,
    created_at: manifest.created_at,
    description: manifest.description,
    parent: manifest.training?.parent ?? null,
    data_fingerprint: manifest.training?.data_fingerprint ?? null,
    training: 'command' in trained ? trained : null,
    metrics: manifest.metrics,
    evaluation: evaluation === undefined ? null : evaluationSchema.strip().parse(evaluation),
    problem: null,
  };
}

function describeModels(
  state: ServiceState,
  listed: readonly ListedVersion[],
  newestEvaluation: NewestEvaluation,
): ModelAnswer[] {
  const active = state.model?.classifier.version;
  return [...new Set(listed.map(({ model }) => model))].map((model) => {
    const activeVersion = active?.model === model ? active.version : null;
    const versions = listed
      .filter((version) => version.model === model)
      .map((version) => describeVersion(version, version.version === activeVersion, newestEvaluation));
    return { model, active_version: activeVersion, versions };
  });
}

function parseVersion(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new FoveaError('bad_request', 'A version is a whole number from 1.', { details: { version: text } });
}

/** The versions of the repository, and which of them answers. */
export function modelsRoutes(
  state: ServiceState,
  versions: ModelVersions,
  newestEvaluation: NewestEvaluation,
): Route[] {
  const activation = (): Reply => {
    const { model, version } = state.requireModel().classifier.version;
    const answer: z.infer<typeof activationSchema> = { model, active_version: version };
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
      respond: async () =>
        jsonReply({ models: describeModels(state, await versions.list(), newestEvaluation) }),
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
        const models = describeModels(state, await versions.list(), newestEvaluation);
        const found = models.find(({ model }) => model === parameters.model);
        if (found !== undefined) return jsonReply(found);
        throw new FoveaError('not_found', 'The repository has no such model.', {
          details: { models: models.map(({ model }) => model) },
        });
      },
    },
    {
      method: 'POST',
      path: '/api/models/:model/versions/:version/activate',
      summary:
        'Serves this version from now on, also after a restart; running requests finish on the one before.',
      answer: activationSchema,
      errors: ACTIVATION_ERRORS,
      access: 'admin',
      needsModel: false,
      respond: async ({ parameters }) => {
        await versions.activate(parameters.model ?? '', parseVersion(parameters.version ?? ''));
        return activation();
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
        await versions.rollBack(parameters.model ?? '');
        return activation();
      },
    },
  ];
}
