import { z } from 'zod';
import type { Gallery } from '../../../insight/charts/chart-cache.js';
import { isKnown } from '../etag.js';
import { parseQuery } from '../query.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route, RouteRequest } from '../route.js';
import { LOADING_ERRORS } from './predict.js';

const listSchema = z.strictObject({
  visualizations: z.array(z.strictObject({ name: z.string(), filename: z.string(), url: z.string() })),
});

const choiceSchema = z.object({
  model: z.string().min(1).optional().describe('Model; default: the default model.'),
  version: z.int().min(1).optional().describe('A version in service; default: the active version.'),
  evaluation: z
    .uuid()
    .optional()
    .describe(
      'Evaluation of this version to show; default: the newest on a whole test split, else the newest.',
    ),
});

async function sendPicture(
  pictures: Gallery,
  { parameters, query, ifNoneMatch }: RouteRequest,
): Promise<Reply> {
  const { file = '' } = parameters;
  const { png, digest } = await pictures.byFilename(file, parseQuery(choiceSchema, query));
  const etag = `"${digest}"`;
  // The chart may change at any time: browsers must revalidate.
  const headers = [
    ['ETag', etag],
    ['Cache-Control', 'private, no-cache'],
  ] as const;
  if (isKnown(etag, ifNoneMatch)) return { status: 304, headers, body: '' };
  return { status: 200, headers: [['Content-Type', 'image/png'], ...headers], body: png };
}

/** Charts of models in service. */
export function visualizationsRoutes(pictures: Gallery, basePath: string): Route[] {
  const common = {
    method: 'GET',
    access: 'predict',
    limit: 'read',
    needsModel: false,
    errors: [
      'not_found',
      'model_not_ready',
      'history_failed',
      'state_failed',
      'overloaded',
      ...LOADING_ERRORS,
    ],
    query: choiceSchema,
  } as const satisfies Partial<Route>;
  return [
    {
      ...common,
      path: '/api/visualizations',
      summary: 'Charts that have data.',
      answer: listSchema,
      respond: async ({ query }) => {
        const choice = parseQuery(choiceSchema, query);
        const suffix = query === '' ? '' : `?${query}`;
        const visualizations = (await pictures.list(choice)).map(({ name, filename }) => {
          return { name, filename, url: `${basePath}/static/${filename}${suffix}` };
        });
        return jsonReply({ visualizations });
      },
    },
    {
      ...common,
      path: '/static/:file',
      parameters: { file: '`filename` from `GET /api/visualizations`.' },
      tag: 'visualizations',
      summary: 'One chart as PNG; redrawn when its data has changed.',
      answer: undefined,
      answerTypes: ['image/png'],
      isCacheable: true,
      respond: (request) => sendPicture(pictures, request),
    },
  ];
}
