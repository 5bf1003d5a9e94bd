import type { FoveaError } from '../../platform/errors.js';
import type { LimitState } from '../door/limits.js';
import type { Header } from './reply.js';

/** Tells the client its limit and the rest of it.
 * @source draft-ietf-httpapi-ratelimit-headers-06 */
export function limitHeaders({ limit, remaining, resetSeconds }: LimitState): Header[] {
  return [
    ['RateLimit-Limit', String(limit)],
    ['RateLimit-Remaining', String(remaining)],
    ['RateLimit-Reset', String(resetSeconds)],
  ];
}

/** The same headers for a 429; none for other errors. */
export function refusalHeaders({ code, details }: FoveaError): Header[] {
  const { limit, retry_after_seconds: resetSeconds } = details;
  if (code !== 'rate_limited' || typeof limit !== 'number' || typeof resetSeconds !== 'number') return [];
  return limitHeaders({ limit, remaining: 0, resetSeconds });
}
