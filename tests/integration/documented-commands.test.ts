/** Every `curl` command of the documentation, sent to a server in the order of the pages. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { zipOf } from '../support/archives.js';
import { codeBlocks, readPages, type Script, scripts } from '../support/documentation.js';
import { startServer } from '../support/running-server.js';
import { editManifest } from '../support/second-model.js';

const run = promisify(execFile);
const SCRIPT_TIMEOUT_MS = 60_000;
const PAGES = readPages();
const ADDRESS = /localhost:5000(\/[^\s'"]*)?/;
/** Their work takes minutes: the description of the API checks their bodies instead. */
const LONG = new Set(['POST /api/retrain', 'DELETE /api/retrain', 'POST /api/model/evaluate']);

const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({}))),
});

const SCRIPTS = PAGES.flatMap(scripts);

/** @returns such as `POST /api/predict`; undefined for a command that asks no server */
function operationOf(line: string): string | undefined {
  if (!line.includes('curl ')) return undefined;
  const [, target] = ADDRESS.exec(line) ?? [];
  const sendsBody = / (-F|-d|--data-binary) /.test(line);
  const method = / -X (\w+)/.exec(line)?.[1] ?? (sendsBody ? 'POST' : 'GET');
  return target === undefined ? undefined : `${method} ${target.split('?')[0]}`;
}

function isShort(line: string): boolean {
  const operation = operationOf(line);
  return operation !== undefined && !LONG.has(operation);
}

/** The commands of a block that ask the server and are answered at once, as one script. */
function shortScript({ commands }: Script, port: number): string {
  const short = commands
    .filter(isShort)
    .map((line) => line.replaceAll('localhost:5000', `127.0.0.1:${port}`));
  return short.length === 0 ? '' : ['set -exo pipefail', ...short].join('\n');
}

/** A folder with all that the commands name: the repository's images, an archive, a model of the user's own. */
function makeWorkplace(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-documentation-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(resolve('tests'), join(folder, 'tests'));
  const image = (name: string): Uint8Array => readFileSync(`tests/fixtures/images/${name}.jpg`);
  const entries = ['cat-0001', 'dog-0001'].map((name) => {
    return { name: `photos/${name.slice(0, 3)}/${name}.jpg`, bytes: image(name) };
  });
  writeFileSync(join(folder, 'photos.zip'), zipOf(entries));
  cpSync('tests/fixtures/models/nested.keras', join(folder, 'model.keras'));
  writeFileSync(join(folder, 'labels.txt'), 'a\nb\nc\nd\n');
  // Commands fail where the server answers with an error.
  writeFileSync(join(folder, '.curlrc'), 'fail-with-body\nsilent\nshow-error\n');
  mkdirSync(join(folder, 'models', 'pets'), { recursive: true });
  for (const model of ['cifar10-cnn', 'fashion-mnist-cnn'])
    symlinkSync(resolve('models', model), join(folder, 'models', model));
  const pets = join(folder, 'models', 'pets', '1');
  cpSync('models/fashion-mnist-cnn/1', pets, { recursive: true });
  editManifest(pets, { model: 'pets' });
  return folder;
}

t.test('commands of the documentation', async (t) => {
  const workplace = makeWorkplace(t);
  const { url, port } = await startServer(t, {
    FOVEA_MODELS_DIR: join(workplace, 'models'),
    FOVEA_STATE_DIR: join(workplace, 'state'),
    FOVEA_KEEP_IMAGES: 'true',
  });
  const document = documentSchema.parse(await (await fetch(`${url}/openapi.json`)).json());

  t.test('each one succeeds', async (t) => {
    t.ok(SCRIPTS.flatMap(({ commands }) => commands).filter(isShort).length > 20);
    for (const script of SCRIPTS) {
      const text = shortScript(script, port);
      if (text === '') continue;
      const done = run('bash', ['-c', text], {
        cwd: workplace,
        env: { ...process.env, CURL_HOME: workplace },
        timeout: SCRIPT_TIMEOUT_MS,
      });
      await t.resolves(done, `${script.page}: ${script.commands.join('; ')}`);
    }
  });

  t.test('each JSON body of a command that starts long work is one that the API describes', async (t) => {
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    ajv.addSchema(document, 'api');
    const lines = SCRIPTS.flatMap(({ commands }) => commands).filter((line) => line.includes(' -d '));
    const long = lines.flatMap((line) => {
      const operation = operationOf(line) ?? '';
      return LONG.has(operation) ? [{ line, operation }] : [];
    });
    t.ok(long.length > 2);
    for (const { line, operation } of long) {
      const [method = '', path = ''] = operation.split(' ');
      const pointer = [
        'paths',
        path,
        method.toLowerCase(),
        'requestBody',
        'content',
        'application/json',
        'schema',
      ];
      const $ref = `api#/${pointer.map((name) => encodeURIComponent(name.replaceAll('/', '~1'))).join('/')}`;
      const validate = ajv.compile({ $ref });
      const body: unknown = JSON.parse(/ -d '([^']+)'/.exec(line)?.[1] ?? '');
      t.ok(validate(body), `${line}: ${JSON.stringify(validate.errors)}`);
    }
  });

  t.test('docs/api.md names every endpoint, and none that does not exist', async (t) => {
    const api = PAGES.find(({ path }) => path === 'docs/api.md')?.text ?? '';
    const served = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    for (const operation of served) t.ok(api.includes(`\`${operation}\``), operation);
    for (const [, operation = ''] of api.matchAll(/`((?:GET|POST|PUT|DELETE) \/[^`]*)`/g))
      t.ok(served.includes(operation), operation);
  });

  t.test('the answer that the README shows has the fields of an answer', async (t) => {
    const readme = PAGES.filter(({ path }) => path === 'README.md').flatMap(codeBlocks);
    const shown = readme.find(({ language }) => language === 'json')?.text ?? '';
    const body = new FormData();
    body.append('file', new Blob([readFileSync('tests/fixtures/images/cat-0000.jpg')]), 'cat-0000.jpg');
    const answer: unknown = await (await fetch(`${url}/api/predict`, { method: 'POST', body })).json();
    const fieldsOf = (json: unknown): string[] => Object.keys(z.looseObject({}).parse(json));
    t.same(fieldsOf(JSON.parse(shown)), fieldsOf(answer));
  });
});
