import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { z } from 'zod';
import { errorOf, fixtureImage } from '../support/answers.js';
import { tarGzOf, zipOf } from '../support/archives.js';
import { MODEL_FIXTURES } from '../support/imported-models.js';
import { operatorFetch, operatorHeader } from '../support/operator.js';
import { startServer } from '../support/running-server.js';
import { Upload } from '../support/upload.js';

const fixture = (name: string) => readFile(join(MODEL_FIXTURES, name));
const keras = await fixture('nested.keras');
const onnx = await fixture('residual.onnx');
const STATED = { labels: '["a","b","c","d"]', resize: 'stretch' };

const state = t.testdir();
// Of an import that was cut off.
mkdirSync(join(state, 'imports', 'cut-off', 'received'), { recursive: true });

const { url } = await startServer(t, {
  FOVEA_STATE_DIR: state,
  FOVEA_MODELS_READ_ONLY: 'true',
  FOVEA_RATE_LIMIT_UPLOAD: 'off',
  FOVEA_IMPORT_MAX_BYTES: String(1024 * 1024),
  FOVEA_IMPORT_MAX_FILES: '40',
  FOVEA_IMPORT_MAX_NODES: '500',
});

type Body = NonNullable<RequestInit['body']>;

function post(body: Body, query: Readonly<Record<string, string>> = {}, type?: string): Promise<Response> {
  const headers = type === undefined ? {} : { 'Content-Type': type };
  const path = `${url}/api/models/import?${new URLSearchParams(query)}`;
  return operatorFetch(path, { method: 'POST', body, headers });
}

function formOf(
  files: Readonly<Record<string, Uint8Array>>,
  fields: Readonly<Record<string, string>> = {},
): FormData {
  const form = new FormData();
  for (const [name, bytes] of Object.entries(files))
    form.append('files', new Blob([Uint8Array.from(bytes)]), name);
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}

/** What imports keep: nothing, once they are over. */
function leftovers(): string[] {
  const models = join(state, 'models');
  const unfinished = (existsSync(models) ? readdirSync(models) : []).flatMap((model) =>
    readdirSync(join(models, model)).filter((name) => name.startsWith('.')),
  );
  return [...readdirSync(join(state, 'imports')), ...unfinished];
}

async function nothingLeft(): Promise<void> {
  for (const end = Date.now() + 20_000; leftovers().length > 0 && Date.now() < end; ) await sleep(20);
}

const answerSchema = z.looseObject({ model: z.string(), version: z.int(), message: z.string() });

t.test('a .keras file is imported and served without a restart', async (t) => {
  const response = await post(formOf({ 'Nested.keras': keras }, STATED), { name: 'pets' });
  const answer: unknown = await response.json();
  t.equal(response.status, 200, JSON.stringify(answer));
  t.match(answer, {
    model: 'pets',
    version: 1,
    format: /^Keras 3/,
    engine: String,
    images_per_second: Number,
    memory_bytes: Number,
    plan_problem: null,
    message: /first request with model=pets loads version 1/,
  });
  const { facts } = z.looseObject({ facts: z.array(z.unknown()) }).parse(answer);
  t.match(facts[0], { fact: 'name', value: 'pets', from: 'name of the request' });
  const photo = new FormData();
  photo.append('file', new Blob([Uint8Array.from(await fixtureImage('cat-0000'))]), 'cat.jpg');
  const predicted = await fetch(`${url}/api/predict?model=pets`, { method: 'POST', body: photo });
  t.match(await predicted.json(), { predicted_class: /^[abcd]$/ });
  const again = () => post(formOf({ 'nested.keras': keras }, { ...STATED, name: 'pets' }));
  const both = await Promise.all([again(), again()]);
  const answers = await Promise.all(both.map(async (next) => answerSchema.parse(await next.json())));
  t.same(answers.map(({ version }) => version).sort(), [2, 3], 'imports at once get versions of their own');
  t.match(
    answers.find(({ version }) => version === 2)?.message,
    /Version 1 of pets goes on serving: POST \/api\/models\/pets\/versions\/2\/activate/,
  );
  t.same(leftovers(), [], 'neither of these imports nor of the one that was cut off');
});

t.test('what no file says is asked for, with its fields and flags', async (t) => {
  const response = await post(Uint8Array.from(onnx), { dry_run: 'true' });
  t.match(await errorOf(response), {
    status: 422,
    code: 'facts_missing',
    details: {
      missing: ['scaling', 'resize', 'activation', 'labels'],
      fields: /preset/,
      flags: /--preset/,
    },
  });
  const wanted = { 'net.onnx': onnx, 'preprocessor_config.json': Buffer.from(PROCESSOR) };
  const form = formOf(wanted, { dry_run: 'true', activation: 'softmax' });
  form.append('labels', new Blob(['a\nb\nc\nd\n']), 'labels.txt');
  const answer: unknown = await (await post(form)).json();
  t.match(answer, { model: 'net', version: null, message: /dry run/, format: /^ONNX/ });
  t.notOk(existsSync(join(state, 'models', 'net')));
});

const PROCESSOR = JSON.stringify({
  image_processor_type: 'ViTImageProcessor',
  size: { height: 32, width: 32 },
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.5, 0.5],
});

t.test('archives of folders: a zip of a GraphModel, a tar of a Keras file', async (t) => {
  const graph = await Promise.all(
    ['model.json', ...readdirSync(join(MODEL_FIXTURES, 'graph')).filter((name) => name !== 'model.json')].map(
      async (name) => ({ name: `graph/${name}`, bytes: await fixture(`graph/${name}`) }),
    ),
  );
  const hidden = { name: '__MACOSX/._model.onnx', bytes: Buffer.from('junk of a Mac') };
  const query = { ...STATED, preset: '0..1', dry_run: 'true', name: 'zipped' };
  const zipped = await post(Uint8Array.from(zipOf([hidden, ...graph])), query, 'application/zip');
  t.match(await zipped.json(), { model: 'zipped', format: 'TensorFlow.js graph' });
  const tar = await tarGzOf([{ name: './deep/net.keras', bytes: keras }]);
  const tarred = await post(formOf({ 'Cats and dogs.tar.gz': tar }, { ...STATED, dry_run: 'true' }));
  t.match(await tarred.json(), { model: 'cats-and-dogs', format: /^Keras 3/ });
});

t.test('bad files and bad requests are refused by name, and leave nothing', async (t) => {
  const bomb = Buffer.alloc(900_000);
  const refused: readonly [string, Body, Record<string, string>, object][] = [
    ['no model', Buffer.from('no model'), {}, { status: 422, code: 'model_invalid', error: /no model/ }],
    ['a cut .keras', Uint8Array.from(keras.subarray(0, 3000)), {}, { status: 422, code: 'model_invalid' }],
    [
      'a bomb',
      Uint8Array.from(zipOf([{ name: 'a', bytes: bomb }])),
      {},
      { status: 413, code: 'too_large', error: /FOVEA_IMPORT_MAX_RATIO/ },
    ],
    ['too much', Buffer.alloc(1024 * 1024 + 1), {}, { status: 413, code: 'too_large' }],
    ['a folder in a name', formOf({ 'a/b.onnx': onnx }), {}, { status: 400, error: /plain name/ }],
    ['an unknown field', formOf({ 'a.onnx': onnx }, { colour: 'rgb' }), {}, { status: 400, error: /colour/ }],
    ['a field twice', formOf({ 'a.onnx': onnx }, { name: 'a' }), { name: 'b' }, { status: 400 }],
    ['a bad value', formOf({ 'a.onnx': onnx }), { mean: '1,x' }, { status: 400, error: /mean/ }],
    ['no files', formOf({}, { name: 'a' }), {}, { status: 400, error: /no files/ }],
  ];
  for (const [what, body, query, expected] of refused)
    t.match(await errorOf(await post(body, query)), expected, what);
  t.match(await errorOf(await post('text', {}, 'text/plain')), { status: 415 });
  const anonymous = await fetch(`${url}/api/models/import`, { method: 'POST', body: Uint8Array.from(onnx) });
  t.equal(anonymous.status, 401);
  t.same(leftovers(), []);
  t.same(readdirSync(join(state, 'models')), ['pets']);
});

t.test('clients that go leave nothing: one in its upload, one while its model is tried', async (t) => {
  const headers = { ...operatorHeader(url), 'Content-Type': 'application/octet-stream' };
  const query = new URLSearchParams({ ...STATED, name: 'gone' });
  const send = () => new Upload(`${url}/api/models/import?${query}`, headers);
  const half = send();
  await half.send(keras.subarray(0, 3000));
  while (leftovers().length === 0) await sleep(5);
  half.abort();
  await nothingLeft();
  t.same(leftovers(), []);
  const whole = send();
  whole.end(keras);
  // The process makes this folder and writes there while it reads the model.
  const started = () =>
    readdirSync(join(state, 'imports'))
      .map((id) => join(state, 'imports', id, 'tmp'))
      .some((folder) => existsSync(folder) && readdirSync(folder).length > 0);
  while (!started()) await sleep(5);
  whole.abort();
  await nothingLeft();
  t.same(leftovers(), []);
  t.notOk(existsSync(join(state, 'models', 'gone')));
});
