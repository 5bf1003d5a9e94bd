import { z } from 'zod';
import type { Gallery } from '../../../insight/charts/chart-cache.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route } from '../route.js';

const listSchema = z.strictObject({
  visualizations: z.array(z.strictObject({ name: z.string(), filename: z.string(), url: z.string() })),
});

/** Whether the client's copy is current.
 * @source RFC 9110, 13.1.2 */
function isKnown(etag: string, ifNoneMatch: string): boolean {
  const known = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return known.includes(etag) || known.includes('*');
}

async function sendPicture(pictures: Gallery, filename: string, ifNoneMatch: string): Promise<Reply> {
  const { png, digest } = await pictures.byFilename(filename);
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
    errors: ['history_failed', 'overloaded'],
  } as const satisfies Partial<Route>;
  return [
    {
      ...common,
      path: '/api/visualizations',
      summary: 'Charts that have data.',
      answer: listSchema,
      respond: async () => {
        const visualizations = (await pictures.list()).map(({ name, filename }) => {
          return { name, filename, url: `${basePath}/static/${filename}` };
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
      respond: ({ parameters, ifNoneMatch }) => sendPicture(pictures, parameters.file ?? '', ifNoneMatch),
    },
  ];
}
