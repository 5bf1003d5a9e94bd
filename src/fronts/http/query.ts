import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';

/** One line per issue, with its path. */
export function describeIssues(error: z.ZodError): string[] {
  return error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
}

/** Reads the query by its schema; of repeated names the last counts, unknown ones are ignored.
 * @throws FoveaError `bad_request` with every problem in `details.problems` */
export function parseQuery<T>(schema: z.ZodType<T>, query: string): T {
  const parsed = schema.safeParse(Object.fromEntries(new URLSearchParams(query)));
  if (parsed.success) return parsed.data;
  throw new FoveaError('bad_request', 'The query is not what this endpoint takes.', {
    details: { problems: describeIssues(parsed.error) },
  });
}

/** A whole number in a query. */
export const queryInteger = z.string().regex(/^\d+$/, 'expected a whole number').transform(Number);
