import { z } from 'zod';
import { newModelSchema, type OwnModels } from '../../../learning/own-models/own-models.js';
import { taskSchema } from '../../../models/repository/model-output.js';
import { JSON_TYPE, parseJsonBody } from '../json-body.js';
import { jsonReply } from '../reply.js';
import type { Route } from '../route.js';
import { MODEL, parseVersion } from './models.js';

const MAX_BODY_BYTES = 256 * 1024;

const createdSchema = z.strictObject({
  model: z.string(),
  /** `<model>/<version>` */
  base: z.string(),
  labels: z.array(z.string()),
  task: taskSchema,
  /** Null: answers do not say which images are unfamiliar. */
  unfamiliar_above: z.number().nullable(),
  message: z.string(),
});

const removedSchema = z.strictObject({
  model: z.string(),
  versions_removed: z.array(z.int()),
  /** Of the catalogue. */
  images_removed: z.int(),
});

const newModelForm =
  '{"name", "base": {"model", "version"}, "labels", "task", "unfamiliar_above"}; only name and base.model are needed';

/** Models that clients create and delete. */
export function ownModelsRoutes(
  own: Pick<OwnModels, 'create' | 'removeModel' | 'removeVersion'>,
  basePath: string,
): Route[] {
  const removing = {
    method: 'DELETE',
    answer: removedSchema,
    access: 'admin',
    limit: undefined,
    needsModel: false,
  } as const satisfies Partial<Route>;
  return [
    {
      method: 'POST',
      path: '/api/models',
      summary:
        'Creates a model without a version, on the network of another model. Images are uploaded to it; POST /api/retrain gives it its first version.',
      body: { mediaTypes: [JSON_TYPE], maxBytes: MAX_BODY_BYTES, json: newModelSchema },
      answer: createdSchema,
      status: 201,
      errors: ['model_exists', 'not_found', 'model_invalid'],
      access: 'admin',
      limit: undefined,
      needsModel: false,
      respond: async ({ body }) => {
        const wanted = parseJsonBody(newModelSchema, body, newModelForm);
        const { base, labels, task, unfamiliar_above = null } = await own.create(wanted);
        const answer: z.infer<typeof createdSchema> = {
          model: wanted.name,
          base: `${base.model}/${base.version}`,
          labels,
          task,
          unfamiliar_above,
          message: `${wanted.name} has no version yet: POST /api/upload/training-data?model=${wanted.name}, then POST /api/retrain.`,
        };
        return jsonReply(answer, [['Location', `${basePath}/api/models/${wanted.name}`]], 201);
      },
    },
    {
      ...removing,
      path: '/api/models/:model',
      parameters: { model: MODEL },
      summary:
        'Deletes a model: its versions and training images. Its predictions stay in the history. The default model cannot be deleted.',
      errors: ['not_found', 'model_in_use', 'training_running', 'forbidden', 'catalogue_failed'],
      respond: async ({ parameters: { model = '' } }) => {
        const { versions, images } = await own.removeModel(model);
        return jsonReply({ model, versions_removed: versions, images_removed: images });
      },
    },
    {
      ...removing,
      path: '/api/models/:model/versions/:version',
      parameters: { model: MODEL, version: 'Number of the version.' },
      summary: 'Deletes a version that is neither active nor in service. No later version gets its number.',
      errors: ['not_found', 'model_in_use', 'training_running', 'forbidden'],
      respond: async ({ parameters: { model = '', version = '' } }) => {
        const number = parseVersion(version);
        const { versions, images } = await own.removeVersion(model, number);
        return jsonReply({ model, versions_removed: versions, images_removed: images });
      },
    },
  ];
}
