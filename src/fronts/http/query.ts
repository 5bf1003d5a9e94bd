import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { nearestName } from '../../platform/nearest-name.js';
import { timeTextSchema } from '../../platform/time-text.js';

/** The issue with its place. */
export function describeIssue({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}

/** @returns one line for each issue, with its place */
export function describeIssues({ issues }: z.ZodError): string[] {
  return issues.map(describeIssue);
}

/** The query of a route without parameters. */
const NO_QUERY = z.object({});

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false };
const NUMBER = /^-?\d+(\.\d+)?$/;
/** `10:00:00+02:00` in a query that was not percent-encoded, as `date -Iseconds` writes it: `+` means a space there. */
const UNENCODED_OFFSET = / (?=\d\d:\d\d$)/;

/** @returns the schema without `optional`, `nullable` and `default` */
export function innerOf(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return innerOf(schema.unwrap());
  return schema;
}

/** Converts the text of a parameter to the type of its schema; text that does not fit stays text, which the schema
 * refuses. */
function toTyped(schema: unknown, text: string): unknown {
  const inner = innerOf(schema);
  if (inner instanceof z.ZodNumber && NUMBER.test(text)) return Number(text);
  if (inner instanceof z.ZodBoolean) return BOOLEANS[text.toLowerCase()] ?? text;
  if (inner === timeTextSchema) return text.replace(UNENCODED_OFFSET, '+');
  return text;
}

function unknownParameter(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? 'this endpoint has no parameters' : `did you mean ${nearest}?`;
  return `${name}: unknown parameter; ${hint}`;
}

/** Parses the query with `schema`, which OpenAPI shows too. Unknown and repeated parameters are refused.
 * @param query text after the question mark
 * @throws FoveaError `bad_request` with every problem in `details.problems` */
export function parseQuery<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  query: string,
): z.infer<z.ZodObject<Shape>> {
  const known = Object.keys(schema.shape);
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, text] of new URLSearchParams(query)) {
    if (!Object.hasOwn(schema.shape, name)) problems.push(unknownParameter(name, known));
    else if (Object.hasOwn(values, name)) problems.push(`${name}: given more than once`);
    else values[name] = toTyped(schema.shape[name], text);
  }
  const parsed = schema.safeParse(values);
  if (parsed.success && problems.length === 0) return parsed.data;
  if (!parsed.success) problems.push(...describeIssues(parsed.error));
  throw new FoveaError('bad_request', `The query is not valid: ${problems[0]}`, {
    details: { problems },
  });
}

/** Refuses every parameter, for routes that take none.
 * @throws FoveaError `bad_request` */
export function refuseQuery(query: string): void {
  if (query !== '') parseQuery(NO_QUERY, query);
}
