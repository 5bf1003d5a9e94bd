import { z } from 'zod';
import { manifestSchema } from '../../../models/repository/manifest.js';
import { thresholdOf } from '../../../models/repository/model-output.js';
import type { Service } from '../../../serving/service-state.js';
import { parseQuery } from '../query.js';
import { jsonReply } from '../reply.js';
import type { Route } from '../route.js';
import { engineAnswer, engineSchema } from './engine-answer.js';
import { LOADING_ERRORS } from './predict.js';
import { predictQuerySchema } from './predict-query.js';

const infoSchema = z.strictObject({
  model: z.string(),
  version: z.int().positive(),
  description: z.string(),
  created_at: z.iso.datetime(),
  /** Height, width, channels. */
  input_shape: z.tuple([z.int(), z.int(), z.int()]),
  num_classes: z.int().positive(),
  class_names: z.array(z.string()),
  thresholds: z
    .array(z.number())
    .optional()
    .describe(
      'Only of a model of several labels: probability from which each label counts, in the order of `class_names`.',
    ),
  training_metadata: manifestSchema.shape.training.unwrap().nullable(),
  metrics: manifestSchema.shape.metrics,
  model_summary: z.string(),
  engine: engineSchema,
});

const uptimeSchema = z.strictObject({
  start_time: z.iso.datetime(),
  current_time: z.iso.datetime(),
  uptime_seconds: z.number(),
  uptime_minutes: z.number(),
  uptime_hours: z.number(),
  is_retraining: z.boolean(),
});

const infoQuerySchema = predictQuerySchema.pick({ model: true, version: true });

async function modelInfo(
  service: Service,
  { model, version }: z.infer<typeof infoQuerySchema>,
): Promise<z.infer<typeof infoSchema>> {
  await service.prepareModel(model);
  const { classifier, summary } = service.describedModel({ model, version });
  const { manifest } = classifier.version;
  const { height, width, channels } = manifest.input;
  return {
    model: manifest.model,
    version: manifest.version,
    description: manifest.description,
    created_at: manifest.created_at,
    input_shape: [height, width, channels],
    num_classes: manifest.labels.length,
    class_names: manifest.labels,
    ...(manifest.output.task === 'multi' && {
      thresholds: manifest.labels.map((_, index) => thresholdOf(manifest.output, index)),
    }),
    training_metadata: manifest.training ?? null,
    metrics: manifest.metrics,
    model_summary: summary,
    engine: engineAnswer(classifier.engine),
  };
}

function uptime(service: Service, training: Training): z.infer<typeof uptimeSchema> {
  const seconds = service.uptimeSeconds;
  return {
    start_time: service.startedAt.toISOString(),
    current_time: new Date().toISOString(),
    uptime_seconds: seconds,
    uptime_minutes: seconds / 60,
    uptime_hours: seconds / 3600,
    is_retraining: training.isRunning,
  };
}

interface Training {
  readonly isRunning: boolean;
}

export function modelRoutes(service: Service, training: Training): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/model/info',
      summary:
        'Input, classes, training, metrics, layers and engine of a model version; default: the active version of the default model.',
      query: infoQuerySchema,
      answer: infoSchema,
      errors: ['model_not_ready', 'not_found', 'engine_failed', ...LOADING_ERRORS],
      access: 'predict',
      limit: 'read',
      needsModel: false,
      respond: async ({ query }) => jsonReply(await modelInfo(service, parseQuery(infoQuerySchema, query))),
    },
    {
      method: 'GET',
      path: '/api/model/uptime',
      summary: 'Start time and uptime of the server.',
      answer: uptimeSchema,
      access: 'predict',
      limit: 'read',
      needsModel: false,
      respond: () => jsonReply(uptime(service, training)),
    },
  ];
}
