import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { BodyRule, Route } from '../route.js';
import { errorBodySchema, errorResponses } from './errors.js';

type Json = Readonly<Record<string, unknown>>;

const MULTIPART = 'multipart/form-data';
const JSON_TYPE = 'application/json';

const objectSchema = z.looseObject({
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
});

const parametersSchema = objectSchema.extend({
  properties: z.record(z.string(), z.looseObject({ description: z.string().optional() })).default({}),
});

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return json;
}

function pathParameters({ path, parameters = {} }: Route): Json[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => {
    return { name, in: 'path', required: true, description: parameters[name], schema: { type: 'string' } };
  });
}

function queryParameters(query: z.ZodType | undefined): Json[] {
  if (query === undefined) return [];
  const { properties, required } = parametersSchema.parse(schemaOf(query, 'input'));
  return Object.entries(properties).map(([name, { description, ...schema }]) => {
    return { name, in: 'query', required: required.includes(name), description, schema };
  });
}

function formSchema({ field, isRepeated, others }: NonNullable<BodyRule['form']>): Json {
  const file = { type: 'string', format: 'binary' };
  const value = isRepeated ? { type: 'array', items: file, minItems: 1 } : file;
  const { properties } = objectSchema.parse(others === undefined ? {} : schemaOf(others, 'input'));
  return { type: 'object', properties: { [field]: value, ...properties }, required: [field] };
}

function bodyContent({ mediaTypes, json, form }: BodyRule): Json {
  const contents = mediaTypes.map((type) => {
    if (type === JSON_TYPE && json !== undefined) return [type, { schema: schemaOf(json, 'input') }];
    if (type === MULTIPART && form !== undefined) return [type, { schema: formSchema(form) }];
    return [type, { schema: { type: 'string', format: 'binary' } }];
  });
  return Object.fromEntries(contents);
}

/** @returns the successful responses by status */
function goodResponses({ answer, accepted, answerTypes, mayAnswer503, status = 200 }: Route): Json {
  if (answer !== undefined) {
    const content = { [JSON_TYPE]: { schema: schemaOf(answer, 'output') } };
    const good = { description: 'Success.', content };
    return {
      [status]: good,
      ...(mayAnswer503 && { 503: { ...good, description: 'The same form, when the check fails.' } }),
      ...(accepted && {
        202: {
          description: 'Accepted: it runs after the answer.',
          content: { [JSON_TYPE]: { schema: schemaOf(accepted, 'output') } },
        },
      }),
    };
  }
  if (status === 101) return { 101: { description: 'The connection is a WebSocket.' } };
  if (answerTypes === undefined) return { [status]: { description: 'Redirect.' } };
  const types = answerTypes.map((type) => [type, { schema: { type: 'string' } }]);
  return { [status]: { description: 'Success.', content: Object.fromEntries(types) } };
}

function tagOf({ path, tag }: Route): string {
  if (tag !== undefined) return tag;
  const [, first, second] = path.split('/');
  return (first === 'api' ? second : undefined) ?? 'server';
}

function securityOf({ access }: Route): Json[] {
  if (access === 'open') return [];
  const keys = [{ bearer: [] }, { key: [] }];
  return access === 'admin' ? keys : [{}, ...keys];
}

function operation(route: Route): Json {
  const parameters = [...pathParameters(route), ...queryParameters(route.query)];
  return {
    operationId: `${route.method.toLowerCase()}${route.path.replace(/[^A-Za-z0-9]+(\w?)/g, (_, next: string) => next.toUpperCase())}`,
    summary: route.summary,
    tags: [tagOf(route)],
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && {
      requestBody: { required: route.body.isOptional !== true, content: bodyContent(route.body) },
    }),
    responses: {
      ...errorResponses(route),
      ...goodResponses(route),
      ...(route.isCacheable === true && {
        304: { description: 'Unchanged since the `If-None-Match` of the request.' },
      }),
    },
    security: securityOf(route),
  };
}

/**
 * The description of the API, built from the table of routes: the schemas that parse requests and type answers.
 * Predictions go on between two routes.
 * @param about.basePath path prefix of the server's URL; '' for none
 * @source OpenAPI Specification 3.1.1
 */
export async function openApiDocument(
  routes: readonly Route[],
  { version, basePath }: { readonly version: string; readonly basePath: string },
): Promise<Json> {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
    await setImmediate();
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Fovea',
      version,
      description: 'Image classification. Every answer has `X-Request-Id`. Errors have a stable `code`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    // Relative to this document, so that it holds behind a proxy that strips its prefix.
    servers: [{ url: basePath === '' ? '.' : basePath }],
    paths,
    components: {
      schemas: { Error: schemaOf(errorBodySchema, 'output') },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  };
}
