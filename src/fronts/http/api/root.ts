import { redirectReply } from '../reply.js';
import type { Route } from '../route.js';

/** A browser that opens the server's address sees its health. */
export function rootRoute(basePath: string): Route {
  return {
    method: 'GET',
    path: '/',
    summary: 'Redirects to `/api/health`.',
    answer: undefined,
    status: 302,
    access: 'open',
    limit: undefined,
    needsModel: false,
    respond: () => redirectReply(`${basePath}/api/health`),
  };
}
