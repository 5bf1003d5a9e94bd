import { z } from 'zod';
import { unreadableRowSchema } from '../../../learning/state/kept-rows.js';
import { retrainRequestSchema } from '../../../learning/training/retrain-request.js';
import { trainingSettingsSchema } from '../../../learning/training/training.js';
import type { TrainingControl } from '../../../learning/training/training-control.js';
import {
  activationRuleSchema,
  type TrainingJob,
  trainingJobSchema,
} from '../../../learning/training/training-job.js';
import { JSON_TYPE, parseJsonBody } from '../json-body.js';
import { parseQuery } from '../query.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route, RouteRequest } from '../route.js';

const MAX_BODY_BYTES = 16 * 1024;
const STATUS_PATH = '/api/retrain/status';

const startedSchema = z.strictObject({
  message: z.string(),
  status: z.literal('in_progress'),
  check_status_url: z.string(),
  job: trainingJobSchema.shape.id,
});

/** A training without paths of this machine. */
const jobSchema = trainingJobSchema.omit({ request: true }).extend({
  model: z.string(),
  settings: trainingSettingsSchema,
  rule: activationRuleSchema,
});

const statusSchema = z.strictObject({
  is_retraining: z.boolean(),
  /** The form of the old service. */
  status: z
    .strictObject({
      status: z.enum(['in_progress', 'completed', 'failed', 'cancelled', 'interrupted']),
      message: z.string(),
      start_time: z.iso.datetime(),
      end_time: z.iso.datetime().nullable(),
      final_accuracy: z.number().nullable(),
      final_val_accuracy: z.number().nullable(),
      error: z.string().nullable(),
    })
    .nullable(),
  memory_bytes: z.number().nullable(),
  job: jobSchema.nullable(),
});

const jobsSchema = z.strictObject({
  jobs: z.array(jobSchema),
  /** Rows that this release cannot read. */
  unreadable: z.array(unreadableRowSchema),
});
const jobsQuerySchema = z.object({
  limit: z.int().min(1).max(500).default(50).describe('Most trainings, the newest first.'),
});

const OLD_STATUS = {
  running: 'in_progress',
  succeeded: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
  interrupted: 'interrupted',
} as const satisfies Record<TrainingJob['state'], string>;

function describeJob({ request, ...job }: TrainingJob): z.infer<typeof jobSchema> {
  return { ...job, model: request.model, settings: request.settings };
}

function messageOf({ state, progress, result, error }: TrainingJob): string {
  if (state === 'running') {
    const { phase, epoch, epochs } = progress;
    return phase === 'training' && epoch !== null
      ? `Epoch ${epoch} of ${epochs}.`
      : `The training is ${phase.replace('_', ' ')}.`;
  }
  return error?.message ?? `Version ${result?.version} was written. ${result?.activation}`;
}

function statusOf({ current: job, isRunning, memoryBytes }: TrainingControl): z.infer<typeof statusSchema> {
  if (job === undefined) return { is_retraining: isRunning, status: null, memory_bytes: null, job: null };
  const { start_time, end_time, result, error, progress } = job;
  return {
    is_retraining: isRunning,
    status: {
      status: OLD_STATUS[job.state],
      message: messageOf(job),
      start_time,
      end_time,
      final_accuracy: result === null ? null : (progress.curves.at(-1)?.accuracy ?? null),
      final_val_accuracy: result?.validation_accuracy ?? null,
      error: error?.message ?? null,
    },
    memory_bytes: memoryBytes ?? null,
    job: describeJob(job),
  };
}

async function startRetraining(
  retraining: TrainingControl,
  { body }: RouteRequest,
  basePath: string,
): Promise<Reply> {
  const statusUrl = basePath + STATUS_PATH;
  const form = 'a JSON object with any of the training settings (POST /api/retrain in /docs lists them)';
  const wanted =
    body.length === 0 ? retrainRequestSchema.parse({}) : parseJsonBody(retrainRequestSchema, body, form);
  const job = await retraining.start(wanted);
  const answer: z.infer<typeof startedSchema> = {
    message: `The training of ${job.request.model} has started.`,
    status: 'in_progress',
    check_status_url: statusUrl,
    job: job.id,
  };
  return jsonReply(answer, [['Location', statusUrl]], 202);
}

/** Trainings of models in service. */
export function retrainRoutes(retraining: TrainingControl, basePath: string): Route[] {
  return [
    {
      method: 'POST',
      path: '/api/retrain',
      summary:
        'Starts a training of a new version in a child process; one at a time. All settings are optional.',
      body: {
        mediaTypes: [JSON_TYPE],
        maxBytes: MAX_BODY_BYTES,
        isOptional: true,
        json: retrainRequestSchema,
      },
      answer: startedSchema,
      status: 202,
      errors: ['training_running', 'training_failed', 'not_found', 'model_invalid', 'dataset_invalid'],
      access: 'admin',
      limit: undefined,
      needsModel: true,
      respond: (request) => startRetraining(retraining, request, basePath),
    },
    {
      method: 'GET',
      path: STATUS_PATH,
      summary: 'The running training, else the last one: phase, epoch, curves, memory and result.',
      answer: statusSchema,
      access: 'predict',
      limit: 'read',
      needsModel: false,
      respond: () => jsonReply(statusOf(retraining)),
    },
    {
      method: 'DELETE',
      path: '/api/retrain',
      summary: 'Cancels the running training.',
      answer: jobSchema,
      status: 202,
      errors: ['not_found'],
      access: 'admin',
      limit: undefined,
      needsModel: false,
      respond: () => jsonReply(describeJob(retraining.cancel()), [], 202),
    },
    {
      method: 'GET',
      path: '/api/retrain/jobs',
      summary: 'All trainings, newest first.',
      query: jobsQuerySchema,
      answer: jobsSchema,
      errors: ['state_failed'],
      access: 'predict',
      limit: 'read',
      needsModel: false,
      respond: async ({ query }) => {
        const { limit } = parseQuery(jobsQuerySchema, query);
        const { documents, unreadable } = await retraining.past(limit);
        const answer: z.infer<typeof jobsSchema> = { jobs: documents.map(describeJob), unreadable };
        return jsonReply(answer);
      },
    },
  ];
}
