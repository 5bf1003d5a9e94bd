import { redirectReply } from '../reply.js';
import type { Route } from '../route.js';

/** A browser that opens the server's address sees its health. */
export const rootRoute: Route = {
  method: 'GET',
  path: '/',
  summary: 'Redirects to `/api/health`.',
  answer: undefined,
  status: 302,
  access: 'open',
  limit: undefined,
  needsModel: false,
  respond: () => redirectReply('/api/health'),
};
