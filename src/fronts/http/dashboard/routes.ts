import { isKnown } from '../etag.js';
import type { Header, Reply } from '../reply.js';
import type { Route } from '../route.js';
import { DashboardFiles } from './dashboard-files.js';

/** Scripts, styles and connections of this server only. `blob:` and `data:` show images that the user chose or that came
 * as an answer. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE_HEADERS: readonly Header[] = [
  ['Content-Type', 'text/html; charset=utf-8'],
  ['Content-Security-Policy', POLICY],
  ['Permissions-Policy', 'camera=(self), microphone=(), geolocation=()'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cache-Control', 'no-cache'],
];

async function sendPage(files: DashboardFiles, ifNoneMatch: string): Promise<Reply> {
  const { html, etag } = await files.page();
  // A 304 replaces the headers of the copy that the browser has, so it repeats the policy.
  const headers: Header[] = [...PAGE_HEADERS, ['ETag', etag]];
  if (isKnown(etag, ifNoneMatch)) return { status: 304, headers, body: '' };
  return { status: 200, headers, body: html };
}

/** A name contains the hash of the file, so that browsers keep it for ever. */
async function sendAsset(files: DashboardFiles, name: string, acceptEncoding: string): Promise<Reply> {
  const { type, encoding, varies, bytes } = await files.asset(name, acceptEncoding);
  const headers: Header[] = [
    ['Content-Type', type],
    ['Cache-Control', 'public, max-age=31536000, immutable'],
  ];
  if (varies) headers.push(['Vary', 'Accept-Encoding']);
  if (encoding !== undefined) headers.push(['Content-Encoding', encoding]);
  return { status: 200, headers, body: bytes };
}

/** The dashboard at `/`. */
export function dashboardRoutes(basePath: string): Route[] {
  const files = new DashboardFiles(basePath);
  const common = {
    method: 'GET',
    tag: 'dashboard',
    answer: undefined,
    access: 'open',
    limit: undefined,
    needsModel: false,
  } as const;
  return [
    {
      ...common,
      path: '/',
      summary: 'The dashboard: predictions, live state, history, models and training in a browser.',
      answerTypes: ['text/html'],
      isCacheable: true,
      errors: ['not_found'],
      respond: ({ ifNoneMatch }) => sendPage(files, ifNoneMatch),
    },
    {
      ...common,
      path: '/assets/:file',
      parameters: { file: 'File name.' },
      summary: 'Script, style, font or picture of the dashboard.',
      answerTypes: ['text/javascript', 'text/css', 'font/woff2', 'image/svg+xml', 'image/jpeg'],
      respond: ({ parameters, headers }) =>
        sendAsset(files, parameters.file ?? '', headers.get('accept-encoding')),
    },
  ];
}
