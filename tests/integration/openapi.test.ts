import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { errorOf, fixtureImage, formWith, predictionOf } from '../support/answers.js';
import { operatorFetch } from '../support/operator.js';
import { startServer } from '../support/running-server.js';

const jpeg = Uint8Array.from(await fixtureImage('cat-0000'));
/** Each schema is used once or a few times: optimizing its code would take three times as long as using it. */
const AJV_OPTIONS = { strict: false, code: { optimize: false } } as const;

const documentSchema = z.looseObject({
  openapi: z.string(),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        tags: z.array(z.string()),
        parameters: z
          .array(
            z.looseObject({
              name: z.string(),
              in: z.string(),
              description: z.string().optional(),
              schema: z.unknown(),
            }),
          )
          .default([]),
        responses: z.record(
          z.string(),
          z.looseObject({ content: z.record(z.string(), z.looseObject({ schema: z.unknown() })).optional() }),
        ),
      }),
    ),
  ),
});
type Document = z.infer<typeof documentSchema>;

/** The tests share this server. */
const { url } = await startServer(t, {
  FOVEA_HISTORY_DURABILITY: 'strict',
  FOVEA_TRAINING_DATA: '/nowhere',
});

async function documentOf(url: string): Promise<Document> {
  return documentSchema.parse(await (await fetch(`${url}/openapi.json`)).json());
}

/** Compares answers with what the document says of them. */
class Description {
  /** `<method> <path>` of the document that an answer was compared with. */
  readonly seen = new Set<string>();
  readonly #document: Document;
  readonly #ajv = new Ajv2020(AJV_OPTIONS);

  constructor(document: Document) {
    this.#document = document;
    addFormats.default(this.#ajv);
    this.#ajv.addSchema(document, 'api');
  }

  /** Every operation of the document, in the same words as `seen`. */
  get operations(): string[] {
    return Object.entries(this.#document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
  }

  async check(t: Test, operation: string, response: Response): Promise<void> {
    const [method = '', path = ''] = operation.split(' ');
    const described = this.#document.paths[path]?.[method]?.responses[String(response.status)];
    const what = `${operation}: ${response.status}`;
    this.seen.add(operation);
    if (described === undefined) {
      t.fail(`${what} is not described`);
      return;
    }
    const type = response.headers.get('content-type') ?? '';
    if (!type.startsWith('application/json') || path === '/openapi.json') return;
    const body: unknown = await response.json();
    const validate = this.#validatorOf([path, method, String(response.status)]);
    t.ok(validate(body), `${what} ${JSON.stringify(validate.errors)}`);
  }

  #validatorOf([path, method, status]: readonly string[]): ValidateFunction {
    const place = ['paths', path, method, 'responses', status, 'content', 'application/json', 'schema'];
    const pointer = place.map((name) =>
      encodeURIComponent((name ?? '').replaceAll('~', '~0').replaceAll('/', '~1')),
    );
    return this.#ajv.compile({ $ref: `api#/${pointer.join('/')}` });
  }
}

t.test('the description is valid OpenAPI 3.1', async (t) => {
  const document = await documentOf(url);
  t.match(document.openapi, /^3\.1/);
  const { valid, errors } = await new Validator(AJV_OPTIONS).validate(structuredClone(document));
  t.ok(valid, JSON.stringify(errors));
  t.test('every parameter is described, and no section is named after one', async (t) => {
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, { tags, parameters }] of Object.entries(methods)) {
        t.notMatch(tags.join(), /[:{]/, `${method} ${path}`);
        for (const { name, description } of parameters) t.ok(description, `${method} ${path}: ${name}`);
      }
    }
  });
  t.test("the server refuses every value that a parameter's schema does not allow", async (t) => {
    const ajv = new Ajv2020({ ...AJV_OPTIONS, coerceTypes: true });
    addFormats.default(ajv);
    for (const [path, methods] of Object.entries(document.paths)) {
      const { get } = methods;
      if (get === undefined || path.includes('{')) continue;
      t.equal((await operatorFetch(`${url}${path}?nonsense=1`)).status, 400, `${path}?nonsense=1`);
      for (const { name, schema } of get.parameters) {
        for (const value of ['', '0', '-1', 'x', '99999999999999999999']) {
          const isAllowed = ajv.validate({ type: 'object', properties: { it: schema } }, { it: value });
          const { status } = await operatorFetch(`${url}${path}?${name}=${value}`);
          if (!isAllowed || value === '') t.equal(status, 400, `${path}?${name}=${value}`);
          else t.not(status, 400, `${path}?${name}=${value}`);
        }
      }
    }
  });
});

t.test('a WebSocket endpoint refuses a request without upgrade', async (t) => {
  for (const path of ['/api/stream', '/api/live']) {
    const response = await fetch(url + path);
    t.equal(response.headers.get('upgrade'), 'websocket');
    t.match(await errorOf(response), { status: 426, code: 'upgrade_required' });
    t.match(await errorOf(await fetch(url + path, { method: 'POST' })), { status: 405 });
  }
});

t.test('the answers of every route, good ones and errors, are as described', async (t) => {
  const description = new Description(await documentOf(url));
  const image = { method: 'POST', body: jpeg, headers: { 'Content-Type': 'image/jpeg' } };
  const json = (body: unknown) => {
    return { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
  };
  const predicted = await fetch(`${url}/api/predict?top_k=2`, image);
  const { prediction_id: id } = await predictionOf(predicted.clone());
  await description.check(t, 'post /api/predict', predicted);
  const nobody = '/api/predictions/01890000-0000-7000-8000-000000000000';
  const base64 = Buffer.from(jpeg).toString('base64');
  const files = formWith('files', { a: jpeg, b: new Uint8Array(3) }, 'image/jpeg');
  const labelled = formWith('files', { a: jpeg }, 'image/jpeg');
  labelled.append('labels', 'cat');
  const requests: readonly [string, string, RequestInit?][] = [
    ['get /', '/'],
    ['get /', '/', { headers: { 'If-None-Match': '*' } }],
    ['get /assets/{file}', '/assets/none'],
    ['get /api/health', '/api/health'],
    ['get /api/status', '/api/status'],
    ['get /api/health/live', '/api/health/live'],
    ['get /api/health/ready', '/api/health/ready'],
    ['get /api/model/info', '/api/model/info'],
    ['get /api/stream', '/api/stream?model=cifar10-cnn'],
    ['get /api/live', '/api/live'],
    ['get /api/model/uptime', '/api/model/uptime'],
    ['get /api/models', '/api/models'],
    ['get /api/models/{model}', '/api/models/cifar10-cnn'],
    ['get /api/models/{model}', '/api/models/none'],
    ['get /api/models/{model}/versions/{version}', '/api/models/cifar10-cnn/versions/1'],
    ['get /api/models/{model}/versions/{version}', '/api/models/cifar10-cnn/versions/99'],
    [
      'post /api/models/{model}/versions/{version}/activate',
      '/api/models/cifar10-cnn/versions/3/activate',
      json({}),
    ],
    [
      'post /api/models/{model}/versions/{version}/activate',
      '/api/models/cifar10-cnn/versions/x/activate',
      json({}),
    ],
    ['post /api/models/{model}/rollback', '/api/models/cifar10-cnn/rollback', json({})],
    ['post /api/models/rescan', '/api/models/rescan', json({})],
    [
      'post /api/models/import',
      '/api/models/import?dry_run=true&resize=stretch&labels=a%0Ab%0Ac%0Ad',
      { method: 'POST', body: readFileSync('tests/fixtures/models/nested.keras') },
    ],
    ['post /api/models/import', '/api/models/import?size=x', { method: 'POST', body: files }],
    ['post /api/models/import', '/api/models/import', { method: 'POST', body: new Uint8Array(9) }],
    [
      'put /api/models/{model}/traffic',
      '/api/models/cifar10-cnn/traffic',
      { ...json({ split: [{ version: 3, percent: 100 }], shadow: 1 }), method: 'PUT' },
    ],
    [
      'put /api/models/{model}/traffic',
      '/api/models/cifar10-cnn/traffic',
      { ...json({ split: [] }), method: 'PUT' },
    ],
    ['get /api/models/{model}/traffic', '/api/models/cifar10-cnn/traffic'],
    ['get /api/models/{model}/traffic', '/api/models/none/traffic'],
    ['post /api/models/{model}/traffic/abort', '/api/models/cifar10-cnn/traffic/abort', json({})],
    ['post /api/models/{model}/traffic/promote', '/api/models/cifar10-cnn/traffic/promote', json({})],
    ['get /api/model/info', '/api/model/info?model=none'],
    ['post /api/models', '/api/models', json({ name: 'mugs' })],
    ['post /api/models', '/api/models', json({ name: 'mugs', base: { model: 'cifar10-cnn' } })],
    ['get /api/models/{model}', '/api/models/mugs'],
    ['delete /api/models/{model}', '/api/models/mugs', { method: 'DELETE' }],
    ['delete /api/models/{model}', '/api/models/cifar10-cnn', { method: 'DELETE' }],
    [
      'delete /api/models/{model}/versions/{version}',
      '/api/models/cifar10-cnn/versions/99',
      { method: 'DELETE' },
    ],
    ['post /api/predict', '/api/predict?top_k=x', image],
    ['post /api/predict', '/api/predict', { ...image, body: new Uint8Array(9) }],
    ['post /api/predict', '/api/predict', { ...image, body: '' }],
    ['post /api/predict', '/api/predict', { ...image, headers: { 'Content-Type': 'text/plain' } }],
    ['post /predict', '/predict', json({ image: base64 })],
    ['post /api/predict/batch', '/api/predict/batch', { method: 'POST', body: files }],
    ['post /api/predict/batch', '/api/predict/batch', { method: 'POST', body: new FormData() }],
    ['get /api/statistics', '/api/statistics'],
    ['get /api/metrics', '/api/metrics'],
    ['get /api/drift', '/api/drift'],
    ['get /api/drift', '/api/drift?periods=-1'],
    ['get /api/predictions', '/api/predictions?limit=2'],
    ['get /api/predictions', '/api/predictions?limit=0'],
    ['get /api/predictions', '/api/predictions?sort=margin'],
    ['get /api/predictions/export', '/api/predictions/export?format=csv'],
    ['get /api/predictions/{id}', `/api/predictions/${id}`],
    ['get /api/predictions/{id}', nobody],
    ['get /api/predictions/{id}/image', `/api/predictions/${id}/image`],
    ['post /api/predictions/{id}/feedback', `/api/predictions/${id}/feedback`, json({ label: 'Cat' })],
    ['post /api/predictions/{id}/feedback', `/api/predictions/${id}/feedback`, json({})],
    ['post /api/upload/training-data', '/api/upload/training-data', { method: 'POST', body: labelled }],
    ['post /api/upload/training-data', '/api/upload/training-data', { method: 'POST', body: files }],
    ['post /api/training-data/from-feedback', '/api/training-data/from-feedback', { method: 'POST' }],
    [
      'post /api/training-data/from-predictions',
      '/api/training-data/from-predictions',
      json({ images: [{ prediction_id: id, label: 'Cat' }] }),
    ],
    ['post /api/training-data/from-predictions', '/api/training-data/from-predictions', json({ images: [] })],
    ['get /api/training-data', '/api/training-data'],
    ['get /api/training-data', '/api/training-data?limit=0'],
    ['get /api/uploads', '/api/uploads'],
    ['delete /api/uploads/{id}', '/api/uploads/none', { method: 'DELETE' }],
    ['delete /api/training-data/{sha256}', '/api/training-data/none', { method: 'DELETE' }],
    ['get /api/retrain/status', '/api/retrain/status'],
    ['delete /api/retrain', '/api/retrain', { method: 'DELETE' }],
    ['post /api/retrain', '/api/retrain', json({ epochs: 0 })],
    ['post /api/retrain', '/api/retrain', { method: 'POST' }],
    ['get /api/retrain/status', '/api/retrain/status'],
    ['get /api/retrain/jobs', '/api/retrain/jobs'],
    ['post /api/model/evaluate', '/api/model/evaluate', json({ limit: 0 })],
    ['post /api/model/evaluate', '/api/model/evaluate', json({ version: 9 })],
    ['post /api/model/evaluate', '/api/model/evaluate', { method: 'POST' }],
    ['post /api/model/evaluate', '/api/model/evaluate', json({ limit: 5, wait: false })],
    ['get /api/evaluations', '/api/evaluations?limit=3'],
    ['get /api/evaluations/{id}', '/api/evaluations/none'],
    ['get /api/evaluations/{id}/mistakes', '/api/evaluations/none/mistakes'],
    ['delete /api/evaluations/{id}', '/api/evaluations/none', { method: 'DELETE' }],
    ['get /api/visualizations', '/api/visualizations'],
    ['get /static/{file}', '/static/confusion_matrix.png'],
    ['get /static/{file}', '/static/confusion_matrix.png', { headers: { 'If-None-Match': '*' } }],
    ['get /static/{file}', '/static/none.png'],
    ['get /metrics', '/metrics'],
    ['get /openapi.json', '/openapi.json'],
    ['get /docs', '/docs'],
    ['get /docs/{asset}', '/docs/swagger-ui.css'],
    ['get /docs/{asset}', '/docs/package.json'],
  ];
  for (const [operation, path, init] of requests) {
    await description.check(t, operation, await operatorFetch(url + path, init));
  }
  t.same(description.seen, new Set(description.operations), 'none was left out');
});
