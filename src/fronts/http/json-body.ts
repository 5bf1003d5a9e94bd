import type { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { parseJsonText } from '../../platform/json-text.js';
import { describeIssues } from './query.js';

export const JSON_TYPE = 'application/json';

function parseJson(body: Buffer): unknown {
  try {
    return parseJsonText(body.toString('utf8'));
  } catch (error) {
    throw new FoveaError('bad_request', 'The body is not valid JSON.', { cause: error });
  }
}

/** Parses a JSON body by its schema.
 * @param form the expected form, for the error message
 * @throws FoveaError `bad_request` with every problem in `details.problems` */
export function parseJsonBody<T>(schema: z.ZodType<T>, body: Buffer, form: string): T {
  const parsed = schema.safeParse(parseJson(body));
  if (parsed.success) return parsed.data;
  throw new FoveaError('bad_request', `The body must be ${form}.`, {
    details: { problems: describeIssues(parsed.error) },
  });
}
