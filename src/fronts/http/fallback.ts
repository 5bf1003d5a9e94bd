import { FoveaError } from '../../platform/errors.js';
import type { RouteGroup } from './route.js';

/** A path or method without route, and the error that answers it. */
export interface Fallback {
  readonly path: string;
  readonly error: FoveaError;
}

/** `method_not_allowed` for the other methods of each path, and `not_found` for all other paths below the prefix. */
export function fallbacksOf({ prefix, routes }: RouteGroup): Fallback[] {
  const methods = new Map<string, string[]>();
  for (const { path, method } of routes) {
    const own = method === 'GET' ? ['GET', 'HEAD'] : [method];
    methods.set(path, [...(methods.get(path) ?? []), ...own]);
  }
  const refused = [...methods].map(([path, allowed]) => ({
    path,
    error: new FoveaError('method_not_allowed', `This path takes ${allowed.join(', ')}.`, {
      details: { allowed_methods: allowed },
    }),
  }));
  const notFound = new FoveaError('not_found', 'There is nothing at this path.');
  return [...refused, { path: `${prefix}/*`, error: notFound }];
}
