import { z } from 'zod';
import { importFieldsSchema } from '../../../models/importing/import-fields.js';
import { importReportSchema } from '../../../models/importing/import-report.js';
import type { ModelImports, Wanted } from '../../../models/importing/uploads/model-imports.js';
import type { Field } from '../../../models/importing/uploads/receive-model.js';
import type { ModelControl } from '../../../serving/rollout/model-control.js';
import { MULTIPART_TYPE } from '../image-body.js';
import { ARCHIVE_TYPES } from '../media-type.js';
import { parseQuery } from '../query.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route, RouteRequest } from '../route.js';

export interface ImportDeps {
  readonly imports: Pick<ModelImports, 'run'>;
  readonly models: Pick<ModelControl, 'rescan' | 'states' | 'problemOf'>;
  readonly maxModelBytes: number;
  readonly importTimeoutMs: number;
}

const wantedSchema = importFieldsSchema.extend({
  dry_run: z.boolean().optional().describe('Reads and tries the model, and writes nothing.'),
});

const answerSchema = importReportSchema.extend({
  /** What serves the new version. */
  message: z.string(),
});

/** Makes sense of the query and the fields of the form: a field may stand in either.
 * @throws FoveaError `bad_request` */
function wantedOf(query: string, form: readonly Field[]): Wanted {
  const stated = new URLSearchParams(query);
  for (const [name, value] of form) stated.append(name, value);
  const { dry_run: isDryRun = false } = parseQuery(wantedSchema, stated.toString());
  stated.delete('dry_run');
  return { fields: Object.fromEntries(stated), isDryRun };
}

async function importModel({ imports, models }: ImportDeps, request: RouteRequest): Promise<Reply> {
  const { query, bodyStream: stream, contentType } = request;
  // A query that is not valid is refused before the body is read.
  wantedOf(query, []);
  const gone = new AbortController();
  stream.once('end', () => request.onGone(() => gone.abort()));
  const report = await imports.run(
    { stream, contentType, wantedOf: (form) => wantedOf(query, form) },
    gone.signal,
  );
  const answer: z.infer<typeof answerSchema> = { ...report, message: await servedBy(models, report) };
  return jsonReply(answer);
}

/** Lets the server find the version. @returns what serves it */
async function servedBy(
  models: ImportDeps['models'],
  { model, version }: z.infer<typeof importReportSchema>,
): Promise<string> {
  if (version === null) return 'A dry run: nothing was written.';
  await models.rescan();
  const problem = models.problemOf(model, version);
  if (problem !== undefined) return `Version ${version} of ${model} cannot be served: ${problem}`;
  const active = models.states.find(({ name }) => name === model)?.activeVersion ?? null;
  return active === null
    ? `The first request with model=${model} loads version ${version}.`
    : `Version ${active} of ${model} goes on serving: POST /api/models/${model}/versions/${version}/activate changes to version ${version}.`;
}

/** Takes over models that other tools trained. */
export function importModelRoutes(deps: ImportDeps): Route[] {
  return [
    {
      method: 'POST',
      path: '/api/models/import',
      summary:
        'Imports a model of another tool, as `fovea import` does: a form with `files`, the model’s file, or an archive of its folder. A version is added, or nothing.',
      query: wantedSchema,
      body: {
        mediaTypes: [MULTIPART_TYPE, ...ARCHIVE_TYPES],
        maxBytes: deps.maxModelBytes,
        isStreamed: true,
        form: { field: 'files', isRepeated: true, others: wantedSchema },
      },
      answer: answerSchema,
      errors: [
        'model_invalid',
        'facts_missing',
        'engine_unavailable',
        'import_failed',
        'disk_full',
        'draining',
        'cancelled',
      ],
      access: 'admin',
      limit: 'upload',
      timeoutMs: deps.importTimeoutMs,
      needsModel: false,
      respond: (request) => importModel(deps, request),
    },
  ];
}
