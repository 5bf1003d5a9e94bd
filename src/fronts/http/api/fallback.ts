import { FoveaError } from '../../../platform/errors.js';
import { errorReply } from '../reply.js';
import type { Route } from '../route.js';

/** What answers at the server's paths when no route of the table does. */
export type Fallback = Pick<Route, 'path' | 'respond'>;

/** For each path of the table: the methods that it does not have. */
export function methodFallbacks(routes: readonly Route[]): Fallback[] {
  const methods = new Map<string, string[]>();
  for (const { path, method } of routes) {
    const own = method === 'GET' ? ['GET', 'HEAD'] : [method];
    methods.set(path, [...(methods.get(path) ?? []), ...own]);
  }
  return [...methods].map(([path, allowed]) => ({
    path,
    respond: ({ requestId }) => {
      const error = new FoveaError('method_not_allowed', `This path takes ${allowed.join(', ')}.`, {
        details: { allowed_methods: allowed },
      });
      return errorReply(error, requestId, [['Allow', allowed.join(', ')]]);
    },
  }));
}

export const notFoundFallback: Fallback = {
  path: '/*',
  respond: ({ requestId }) =>
    errorReply(new FoveaError('not_found', 'There is nothing at this path.'), requestId),
};
