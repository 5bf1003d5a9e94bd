import { FoveaError } from '../../platform/errors.js';
import type { RouteGroup } from './route.js';

/** A path that no route of its group answers, with the error that it is answered with. */
export interface Fallback {
  readonly path: string;
  readonly error: FoveaError;
}

/** For each path of the group: the methods that it does not have. Below its prefix: every other path. */
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
