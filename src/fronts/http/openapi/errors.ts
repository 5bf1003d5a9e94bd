import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../../../platform/errors.js';
import type { Route } from '../route.js';
import { ERROR_STATUS } from '../status.js';

/** The body of every error. */
export const errorBodySchema = z.strictObject({
  /** The problem and its remedy, for people. */
  error: z.string(),
  code: z.enum(ERROR_CODES),
  details: z.record(z.string(), z.unknown()),
  request_id: z.string(),
});

function codesOf({ path, body, access, limit, needsModel, errors = [] }: Route): ErrorCode[] {
  // `bad_request`: every route refuses unknown parameters.
  const codes: ErrorCode[] = ['internal', 'bad_request', ...errors];
  if (body !== undefined)
    codes.push(
      'too_large',
      'unsupported_type',
      'overloaded',
      'rate_limited',
      'request_timeout',
      'deadline_exceeded',
    );
  if (body !== undefined && body.isOptional !== true) codes.push('empty_body');
  if (path.includes(':')) codes.push('not_found');
  if (access !== 'open') codes.push('unauthenticated');
  if (access === 'admin') codes.push('forbidden');
  if (limit !== undefined) codes.push('rate_limited');
  if (needsModel) codes.push('model_not_ready', 'draining', 'engine_failed');
  return codes;
}

const LIMIT_HEADERS = ['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'];

/** The error responses of a route by status. */
export function errorResponses(route: Route): Record<string, unknown> {
  const byStatus = new Map<number, Set<ErrorCode>>();
  for (const code of codesOf(route)) {
    const { status } = ERROR_STATUS[code];
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code));
  }
  const responses = [...byStatus].map(([status, codes]) => {
    const mayRetry = [...codes].some((code) => ERROR_STATUS[code].retryAfterSeconds !== undefined);
    const headers = mayRetry ? ['Retry-After'] : [];
    if (codes.has('rate_limited')) headers.push(...LIMIT_HEADERS);
    return [
      String(status),
      {
        description: [...codes].map((code) => `\`${code}\``).join(', '),
        ...(headers.length > 0 && { headers: integerHeaders(headers) }),
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    ] as const;
  });
  return Object.fromEntries(responses);
}

function integerHeaders(names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, { schema: { type: 'integer', minimum: 0 } }]));
}
