import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { parseJsonText } from '../../platform/json-text.js';
import { nearestName } from '../../platform/nearest-name.js';
import { describeIssue, innerOf } from './query.js';

export const JSON_TYPE = 'application/json';

function parseJson(body: Buffer): unknown {
  try {
    return parseJsonText(body.toString('utf8'));
  } catch (error) {
    throw new FoveaError('bad_request', 'The body is not valid JSON.', { cause: error });
  }
}

/** The names of the fields that an object at `path` may have. */
function fieldsAt(schema: unknown, path: readonly PropertyKey[]): readonly string[] {
  const inner = innerOf(schema);
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((option) => fieldsAt(option, path));
  const [step, ...rest] = path;
  if (inner instanceof z.ZodArray) return fieldsAt(inner.element, rest);
  if (!(inner instanceof z.ZodObject)) return [];
  return step === undefined ? Object.keys(inner.shape) : fieldsAt(inner.shape[String(step)], rest);
}

/** @returns one line for each problem, with its place */
function problemsOf({ issues }: z.ZodError, schema: z.ZodType): string[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return describeIssue(issue);
    const known = fieldsAt(schema, issue.path);
    return issue.keys.map((key) => {
      const nearest = nearestName(key, known);
      const hint = nearest === undefined ? 'this object has no fields' : `did you mean ${nearest}?`;
      return `${[...issue.path, key].join('.')}: unknown field; ${hint}`;
    });
  });
}

/** Parses a JSON body by its schema.
 * @param form the expected form, for the error message
 * @throws FoveaError `bad_request` with every problem in `details.problems` */
export function parseJsonBody<T>(schema: z.ZodType<T>, body: Buffer, form: string): T {
  const parsed = schema.safeParse(parseJson(body));
  if (parsed.success) return parsed.data;
  const problems = problemsOf(parsed.error, schema);
  throw new FoveaError('bad_request', `The body must be ${form}; ${problems[0]}`, { details: { problems } });
}
