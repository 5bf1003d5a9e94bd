import { z } from 'zod';
import type { Uploader } from '../../../learning/catalogue/catalogue.js';
import {
  addedSchema,
  CATALOGUE_SPLITS,
  cataloguePageSchema,
  catalogueQuerySchema,
  removedSchema,
  uploadSchema,
} from '../../../learning/catalogue/catalogue-schema.js';
import { copyFeedbackImages } from '../../../learning/catalogue/feedback-images.js';
import { labelPredictions } from '../../../learning/catalogue/label-predictions.js';
import type { TrainingDataControl } from '../../../learning/catalogue/training-data-control.js';
import { timeTextSchema } from '../../../platform/time-text.js';
import { MULTIPART_TYPE } from '../image-body.js';
import { JSON_TYPE, parseJsonBody } from '../json-body.js';
import { ARCHIVE_TYPES } from '../media-type.js';
import { parseQuery } from '../query.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route, RouteRequest } from '../route.js';
import { isOneTruth, ONE_TRUTH, truthFields, truthOf } from './told-truth.js';

const MAX_BODY_BYTES = 4096;
const MAX_LABELLED = 500;
const MAX_LABELLED_BYTES = 256 * 1024;
const MAX_UPLOADS_LISTED = 1000;

const uploadQuerySchema = z.object({
  model: z
    .string()
    .min(1)
    .optional()
    .describe('Model whose training images they are; default: the default model.'),
});

/** Form fields beside the files. */
const labelFieldsSchema = z.object({
  labels: z
    .array(z.string())
    .optional()
    .describe('Label of each file, in the order of the files; none for an archive.'),
  split: z
    .enum(CATALOGUE_SPLITS)
    .optional()
    .describe('Split of all files; default: 10 % of the images, chosen by their hash, are test images.'),
});

const uploadAnswerSchema = addedSchema.extend({ message: z.string() });

const feedbackRequestSchema = z.strictObject({
  model: z.string().min(1).optional().describe('Default: the default model.'),
  from: timeTextSchema
    .optional()
    .describe('Predictions at or after this time; a date means its midnight in UTC.'),
  to: timeTextSchema.optional().describe('Predictions before this time; a date means its midnight in UTC.'),
  limit: z
    .int()
    .positive()
    .optional()
    .describe('Most images, the newest first. Default: FOVEA_MAX_UPLOAD_IMAGES.'),
});

const feedbackAnswerSchema = uploadAnswerSchema.extend({
  /** Predictions with feedback whose image was not kept. */
  without_image: z.int(),
});

const labelledRequestSchema = z.strictObject({
  model: z
    .string()
    .min(1)
    .optional()
    .describe('Model that gave the predictions; default: the default model.'),
  images: z
    .array(
      z
        .strictObject({
          prediction_id: z.string().min(1),
          ...truthFields,
        })
        .refine(isOneTruth, { error: ONE_TRUTH }),
    )
    .min(1)
    .max(MAX_LABELLED),
});

const labelledAnswerSchema = uploadAnswerSchema.extend({
  /** In the order of the request. */
  results: z.array(
    z.strictObject({
      prediction_id: z.string(),
      label: z.string().optional().describe('As the model spells it.'),
      labels: z.array(z.string()).optional().describe('For a model of several labels.'),
      added: z.boolean().describe('False when the training data had the image already, with these labels.'),
      feedback: z.boolean().describe('False when the version that answered does not know the labels.'),
    }),
  ),
});

const uploadsQuerySchema = z.object({
  limit: z.int().min(1).max(MAX_UPLOADS_LISTED).default(50).describe('Most uploads, the newest first.'),
});

const uploadsSchema = z.strictObject({ uploads: z.array(uploadSchema) });

const removeQuerySchema = z.object({
  model: z.string().min(1).optional().describe('Default: the default model.'),
});

async function uploaderOf(
  { subjectOf, timeoutMs }: TrainingDataControl,
  { client, receivedMs }: RouteRequest,
  model: string | undefined,
): Promise<Uploader> {
  const subject = await subjectOf(model);
  const leftMs = Math.max(1, Math.round(receivedMs + timeoutMs - performance.now()));
  return {
    model: subject.model,
    labels: subject.labels,
    labelIds: subject.labelIds,
    input: subject.input,
    task: subject.task,
    // The name of a key may be stored; an address is stored as a hash.
    client: client.role === 'anonymous' ? client.hash : client.name,
    signal: AbortSignal.timeout(leftMs),
  };
}

async function upload(parts: TrainingDataControl, request: RouteRequest): Promise<Reply> {
  const { model } = parseQuery(uploadQuerySchema, request.query);
  const uploader = await uploaderOf(parts, request, model);
  const { bodyStream: stream, contentType, contentLength } = request;
  const added = await parts.catalogue.upload({ stream, contentType, contentLength }, uploader);
  const { images: leftOut } = added.left_out;
  const rest = leftOut === 0 ? '' : ` Left out, because no CSV file labels them: ${leftOut}.`;
  const message = `Added to the training data of ${added.model}: ${added.files_saved}.${rest}`;
  const answer: z.infer<typeof uploadAnswerSchema> = { message, ...added };
  return jsonReply(answer);
}

async function addFromFeedback(parts: TrainingDataControl, request: RouteRequest): Promise<Reply> {
  const empty = request.body.length === 0;
  const wanted = empty
    ? {}
    : parseJsonBody(feedbackRequestSchema, request.body, '{"model", "from", "to", "limit"}, all optional');
  const uploader = await uploaderOf(parts, request, wanted.model);
  const limit = Math.min(wanted.limit ?? parts.maxImages, parts.maxImages);
  const { model, task } = uploader;
  const filter = { model, task, from: wanted.from, to: wanted.to, limit };
  let withoutImage = 0;
  const added = await parts.catalogue.addKnown(uploader, async (directory) => {
    const found = await copyFeedbackImages(parts, filter, directory);
    withoutImage = found.withoutImage;
    return found.images;
  });
  const message = `Added to the training data of ${added.model}, from feedback: ${added.files_saved}.`;
  const answer: z.infer<typeof feedbackAnswerSchema> = { message, ...added, without_image: withoutImage };
  return jsonReply(answer);
}

async function addLabelled(parts: TrainingDataControl, request: RouteRequest): Promise<Reply> {
  const form = '{"images": [{"prediction_id", "label"}, …]}, or "labels" for a model of several labels';
  const { model, images } = parseJsonBody(labelledRequestSchema, request.body, form);
  const uploader = await uploaderOf(parts, request, model);
  const told = images.map(({ prediction_id: id, ...fields }) => ({ id, truth: truthOf(fields) }));
  const { added, results } = await labelPredictions(parts, uploader, told);
  const answer: z.infer<typeof labelledAnswerSchema> = {
    message: `Added to the training data of ${added.model}: ${added.files_saved}.`,
    ...added,
    results: results.map(({ id, truth, isAdded, hasFeedback }) => ({
      prediction_id: id,
      ...truth,
      added: isAdded,
      feedback: hasFeedback,
    })),
  };
  return jsonReply(answer);
}

/** Training images that clients upload. */
export function trainingDataRoutes(parts: TrainingDataControl): Route[] {
  const { catalogue, maxBytes, timeoutMs } = parts;
  const tag = 'training-data';
  const adding = {
    method: 'POST',
    tag,
    access: 'admin',
    limit: 'upload',
    timeoutMs,
    needsModel: true,
  } as const satisfies Partial<Route>;
  const reading = {
    method: 'GET',
    tag,
    access: 'admin',
    limit: 'read',
    errors: ['catalogue_failed'],
    needsModel: false,
  } as const satisfies Partial<Route>;
  const removing = {
    method: 'DELETE',
    tag,
    answer: removedSchema,
    access: 'admin',
    limit: undefined,
    errors: ['not_found', 'catalogue_failed'],
    needsModel: false,
  } as const satisfies Partial<Route>;
  const addingErrors = ['not_found', 'dataset_invalid', 'quota_exceeded', 'catalogue_failed'] as const;
  return [
    {
      ...adding,
      path: '/api/upload/training-data',
      summary:
        'Adds training images: a form with `files` and `labels`, or an archive with a folder per class. All images are added, or none.',
      query: uploadQuerySchema,
      body: {
        mediaTypes: [MULTIPART_TYPE, ...ARCHIVE_TYPES],
        maxBytes,
        isStreamed: true,
        form: { field: 'files', isRepeated: true, others: labelFieldsSchema },
      },
      answer: uploadAnswerSchema,
      errors: [...addingErrors, 'draining', 'cancelled'],
      respond: (request) => upload(parts, request),
    },
    {
      ...adding,
      path: '/api/training-data/from-feedback',
      summary: 'Adds the kept images of predictions that have feedback.',
      body: {
        mediaTypes: [JSON_TYPE],
        maxBytes: MAX_BODY_BYTES,
        isOptional: true,
        json: feedbackRequestSchema,
      },
      answer: feedbackAnswerSchema,
      errors: [...addingErrors, 'history_failed'],
      respond: (request) => addFromFeedback(parts, request),
    },
    {
      ...adding,
      path: '/api/training-data/from-predictions',
      summary:
        'Labels past predictions and adds their kept images. All are labelled and added, or none; the same request again changes nothing.',
      body: { mediaTypes: [JSON_TYPE], maxBytes: MAX_LABELLED_BYTES, json: labelledRequestSchema },
      answer: labelledAnswerSchema,
      errors: [...addingErrors, 'history_failed', 'overloaded'],
      respond: (request) => addLabelled(parts, request),
    },
    {
      ...reading,
      path: '/api/training-data',
      summary: 'Uploaded training images, and their number by label.',
      query: catalogueQuerySchema,
      answer: cataloguePageSchema,
      respond: async ({ query }) => jsonReply(await catalogue.page(parseQuery(catalogueQuerySchema, query))),
    },
    {
      ...reading,
      path: '/api/uploads',
      summary: 'Uploads of training images, newest first.',
      query: uploadsQuerySchema,
      answer: uploadsSchema,
      respond: async ({ query }) => {
        const { limit } = parseQuery(uploadsQuerySchema, query);
        const answer: z.infer<typeof uploadsSchema> = { uploads: await catalogue.uploads(limit) };
        return jsonReply(answer);
      },
    },
    {
      ...removing,
      path: '/api/uploads/:id',
      parameters: { id: '`upload_id` of the answer to the upload.' },
      summary: 'Removes an upload and its images.',
      respond: async ({ parameters }) => jsonReply(await catalogue.removeUpload(parameters.id ?? '')),
    },
    {
      ...removing,
      path: '/api/training-data/:sha256',
      parameters: { sha256: 'SHA-256 of the image file, in hexadecimal digits.' },
      summary: 'Removes one training image of a model.',
      query: removeQuerySchema,
      respond: async ({ parameters, query }) => {
        const { model } = await parts.subjectOf(parseQuery(removeQuerySchema, query).model);
        return jsonReply(await catalogue.removeImage(model, parameters.sha256 ?? ''));
      },
    },
  ];
}
