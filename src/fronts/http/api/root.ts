import { redirectReply } from '../reply.js';
import type { Route } from '../route.js';

/** A browser that opens the bare address is shown something. */
export const rootRoute: Route = {
  method: 'GET',
  path: '/',
  summary: 'Leads to the server’s health.',
  answer: undefined,
  status: 302,
  access: 'open',
  needsModel: false,
  respond: () => redirectReply('/api/health'),
};
