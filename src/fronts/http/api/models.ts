import { z } from 'zod';
import { type ErrorCode, FoveaError } from '../../../platform/errors.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route } from '../route.js';
import {
  describeModels,
  describeOne,
  type ModelsDeps,
  modelSchema,
  oneVersionSchema,
} from './describe-models.js';

/** Meaning of the path parameter `model`. */
export const MODEL = 'Name of a model of the repository.';

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
      method: 'GET',
      path: '/api/models/:model/versions/:version',
      parameters: { model: MODEL, version: 'Number of the version.' },
      summary: 'One version, with its training curves.',
      answer: oneVersionSchema,
      errors: ['model_invalid', 'not_found', 'bad_request'],
      access: 'predict',
      limit: 'read',
      needsModel: false,
      respond: async ({ parameters: { model = '', version = '' } }) =>
        jsonReply(await describeOne(deps, model, parseVersion(version))),
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
