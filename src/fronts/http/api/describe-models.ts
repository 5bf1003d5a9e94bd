import { z } from 'zod';
import { evaluationSummarySchema } from '../../../learning/evaluation/evaluation.js';
import type { NewestEvaluation } from '../../../learning/evaluation/evaluation-control.js';
import type { OwnModels } from '../../../learning/own-models/own-models.js';
import type { ListedVersion } from '../../../models/repository/list-versions.js';
import { manifestSchema } from '../../../models/repository/manifest.js';
import { taskSchema } from '../../../models/repository/model-output.js';
import { versionDigest } from '../../../models/repository/version-digest.js';
import { FoveaError } from '../../../platform/errors.js';
import type { ModelControl } from '../../../serving/rollout/model-control.js';
import type { ModelState } from '../../../serving/rollout/served-model.js';

export interface ModelsDeps {
  readonly own: Pick<OwnModels, 'planned'>;
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
  /** Whether the version has instances: active, in the traffic split, or shadow. */
  is_in_service: z.boolean(),
  created_at: z.iso.datetime().nullable(),
  description: z.string().nullable(),
  /** Base version of its training. */
  parent: z.string().nullable(),
  data_fingerprint: z.string().nullable(),
  training: training.unwrap().omit({ curves: true }).nullable(),
  /** Distance above which an answer has `"unfamiliar": true`; null: answers never have the field. */
  unfamiliar_above: z.number().nullable(),
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

export const oneVersionSchema = versionSchema.extend({
  model: z.string(),
  /** Of its training, by epoch; empty for versions that were not trained here. */
  curves: training.unwrap().shape.curves,
});

export const modelSchema = z.strictObject({
  model: z.string(),
  is_default: z.boolean(),
  /** Null until a request names the model, which loads it. */
  active_version: z.int().positive().nullable(),
  versions: z.array(versionSchema),
  /** Of a model without versions: what its first training starts from. */
  planned: z
    .strictObject({
      base: z.string(),
      labels: z.array(z.string()),
      task: taskSchema,
      unfamiliar_above: z.number().nullable(),
    })
    .nullable(),
});

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
    const nothing = { training: null, unfamiliar_above: null, metrics: null, evaluation: null };
    return { ...base, ...unknown, ...nothing, problem: listed.problem };
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
    unfamiliar_above: manifest.output.unfamiliar_above ?? null,
    metrics: manifest.metrics,
    evaluation: evaluation === undefined ? null : evaluationSchema.strip().parse(evaluation),
    problem: problem ?? null,
  };
}

function stateOf({ models }: ModelsDeps, name: string): ModelState {
  const known = models.states.find((each) => each.name === name);
  return (
    known ?? {
      name,
      isDefault: false,
      activeVersion: null,
      versions: [],
      isUnloaded: false,
      problem: null,
    }
  );
}

function describe(deps: ModelsDeps, listed: ListedVersion): ReturnType<typeof describeVersion> {
  const { models, newestEvaluation } = deps;
  const problem = models.problemOf(listed.model, listed.version);
  return describeVersion(listed, stateOf(deps, listed.model), { problem, newestEvaluation });
}

export async function describeModels(
  deps: ModelsDeps,
  listed: readonly ListedVersion[],
): Promise<ModelAnswer[]> {
  const described = [...new Set(listed.map(({ model }) => model))].map(async (name) => {
    const state = stateOf(deps, name);
    const versions = await Promise.all(
      listed.filter(({ model }) => model === name).map((each) => describe(deps, each)),
    );
    const { isDefault: is_default, activeVersion: active_version } = state;
    return { model: name, is_default, active_version, versions, planned: null };
  });
  const planned = [...deps.own.planned].map(([model, { base, labels, task, unfamiliar_above = null }]) => ({
    model,
    is_default: false,
    active_version: null,
    versions: [],
    planned: { base: `${base.model}/${base.version}`, labels, task, unfamiliar_above },
  }));
  return [...(await Promise.all(described)), ...planned];
}

/** @throws FoveaError `not_found` */
export async function describeOne(
  deps: ModelsDeps,
  model: string,
  version: number,
): Promise<z.infer<typeof oneVersionSchema>> {
  const listed = (await deps.listVersions()).filter((each) => each.model === model);
  const found = listed.find((each) => each.version === version);
  if (found === undefined)
    throw new FoveaError('not_found', `The repository has no version ${version} of the model "${model}".`, {
      details: { versions: listed.map((each) => String(each.version)) },
    });
  const curves = 'manifest' in found ? (found.manifest.training?.curves ?? []) : [];
  return { model, ...(await describe(deps, found)), curves };
}
