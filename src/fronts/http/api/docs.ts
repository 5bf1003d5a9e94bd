import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { FoveaError } from '../../../platform/errors.js';
import { openApiDocument } from '../openapi/document.js';
import { type Header, jsonReply, type Reply } from '../reply.js';
import type { Route } from '../route.js';

const { resolve } = createRequire(import.meta.url);

/** Its references are relative, so that it works behind every path prefix. */
const PAGE = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>Fovea API</title>
  <link rel="stylesheet" href="docs/swagger-ui.css">
  <link rel="icon" href="docs/favicon-32x32.png">
</head>
<body>
  <div id="api"></div>
  <script src="docs/swagger-ui-bundle.js"></script>
  <script src="docs/start.js"></script>
</body>
</html>
`;

const START = `SwaggerUIBundle({ url: 'openapi.json', dom_id: '#api', deepLinking: true });\n`;

/** Swagger UI sets inline styles; scripts come from this server only. */
const POLICY: Header = [
  'Content-Security-Policy',
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
];

const CACHED: Header = ['Cache-Control', 'public, max-age=86400'];

function page(type: string, body: string | Uint8Array, ...headers: Header[]): Reply {
  return { status: 200, headers: [['Content-Type', type], ...headers], body };
}

/** Files of the page, from the installed package swagger-ui-dist. */
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

async function asset(name: string): Promise<Reply> {
  if (name === 'start.js') return page('text/javascript; charset=utf-8', START, CACHED);
  const type = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
  if (type === undefined) throw new FoveaError('not_found', 'There is nothing at this path.');
  return page(type, await readFile(resolve(`swagger-ui-dist/${name}`)), CACHED);
}

/** The OpenAPI description of `routes` and of these routes, and a page that shows it. */
export function docsRoutes(
  routes: readonly Route[],
  about: { readonly version: string; readonly basePath: string },
): Route[] {
  const common = { method: 'GET', access: 'open', limit: undefined, needsModel: false } as const;
  /** Built at the first request, because it takes some 80 ms of processor time. */
  let description: Promise<Reply> | undefined;
  const own: Route[] = [
    {
      ...common,
      path: '/openapi.json',
      summary: 'This OpenAPI description.',
      answer: undefined,
      answerTypes: ['application/json'],
      respond: () => {
        description ??= openApiDocument([...routes, ...own], about).then((document) => jsonReply(document));
        return description;
      },
    },
    {
      ...common,
      path: '/docs',
      summary: 'Page that shows this description and sends requests.',
      answer: undefined,
      answerTypes: ['text/html'],
      respond: () => page('text/html; charset=utf-8', PAGE, POLICY),
    },
    {
      ...common,
      path: '/docs/:asset',
      parameters: { asset: 'File name.' },
      summary: 'Script, style or icon of that page.',
      answer: undefined,
      answerTypes: ['text/css', 'text/javascript', 'image/png'],
      respond: ({ parameters }) => asset(parameters.asset ?? ''),
    },
  ];
  return own;
}
