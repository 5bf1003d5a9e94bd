import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { loadConfig } from '../../../src/app/config/load.js';
import { formatOutput, toLine } from '../../../src/cli/predict.js';
import { createProgram } from '../../../src/cli/program.js';
import { packageVersion } from '../../../src/platform/package-version.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

t.test('--version prints the version of the package', async (t) => {
  let output = '';
  const program = (await createProgram(loadConfig({})))
    .exitOverride()
    .configureOutput({ writeOut: (text) => (output += text) });
  await t.rejects(program.parseAsync(['node', 'fovea', '--version']), { code: 'commander.version' });
  t.equal(output.trim(), packageVersion());
});

t.test('--version behind a command is the version of a model', async (t) => {
  const program = await createProgram(loadConfig({ FOVEA_STATE_DIR: t.testdir() }), 'predict');
  program.exitOverride();
  const given = ['predict', '--model', 'cifar10-cnn', '--version', '99', 'x.jpg'];
  await t.rejects(program.parseAsync(['node', 'fovea', ...given]), {
    code: 'not_found',
    message: 'The repository has no version 99 of cifar10-cnn.',
  });
});

t.test('a flag of a wrong value is named before anything starts', async (t) => {
  const config = loadConfig({ FOVEA_STATE_DIR: t.testdir() });
  for (const [given, message] of [
    [['predict', '--top-k', '0', 'x.jpg'], /^--top-k: .*>0/],
    [['predict', '--version', '-1', 'x.jpg'], /^--version: .*>0/],
    [['calibrate', '--data', 'x', '--images', '-5'], /^--images: .*>0/],
    [['train', '--data', 'x', '--model', 'a/b'], /^--model: .*A-Za-z0-9/],
    [
      ['train', '--data', 'x', '--epochs', '-1', '--batch-size', '0'],
      /^--epochs: .*>=1\n--batch-size: .*>=1/,
    ],
  ] as const) {
    const program = await createProgram(config, given[0]);
    await t.rejects(program.parseAsync(['node', 'fovea', ...given]), { code: 'bad_request', message });
  }
});

t.test('a key without a name is refused, and none is stored', async (t) => {
  const folder = t.testdir();
  const program = await createProgram(loadConfig({ FOVEA_STATE_DIR: folder }), 'keys');
  await t.rejects(program.parseAsync(['node', 'fovea', 'keys', 'create', ' ']), { code: 'bad_request' });
  t.same(readdirSync(folder), []);
});

t.test('a missing file is named, not thrown as it is', async (t) => {
  const program = await createProgram(loadConfig({ FOVEA_STATE_DIR: t.testdir() }), 'history');
  await t.rejects(program.parseAsync(['node', 'fovea', 'history', 'import', 'nowhere.json']), {
    code: 'not_found',
    message: 'nowhere.json cannot be read.',
  });
});

t.test('the program has the command that is asked for, and all of them otherwise', async (t) => {
  const namesFor = async (wanted?: string) =>
    (await createProgram(loadConfig({}), wanted)).commands.map((command) => command.name());
  t.same(await namesFor('keys'), ['keys']);
  const all = await namesFor();
  t.ok(all.length > 10);
  for (const name of all) t.same(await namesFor(name), [name]);
  t.same(await namesFor('--help'), all);
  t.same(await namesFor('toString'), all);
});

t.test('probabilities are shown in percent, logits as they are', (t) => {
  t.equal(formatOutput(0.5, 'probabilities'), '50.00 %');
  t.equal(formatOutput(0.5, 'scores'), '50.00 %');
  t.equal(formatOutput(5.6343, 'logits'), '5.6343');
  t.end();
});

t.test('a line of several labels tells those above their thresholds from the others', (t) => {
  const [cat, dog] = [
    { label: 'cat', probability: 0.9 },
    { label: 'dog', probability: 0.2 },
  ];
  t.equal(toLine({ answers: [cat, dog], labels: undefined }, 'probabilities'), 'cat 90.00 %, dog 20.00 %');
  t.equal(
    toLine({ answers: [cat, dog], labels: [cat] }, 'scores'),
    'cat 90.00 % (below the threshold: dog 20.00 %)',
  );
  t.equal(toLine({ answers: [cat], labels: [cat, dog] }, 'scores'), 'cat 90.00 %, dog 20.00 %');
  t.equal(toLine({ answers: [dog], labels: [] }, 'scores'), 'no label (below the threshold: dog 20.00 %)');
  t.end();
});

t.test('set-up and every bench explain themselves with --help', async (t) => {
  for (const script of ['setup/setup.mjs', 'dist/bench/batching.bench.js']) {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, '--help'], { cwd: ROOT });
    t.match(stdout, /\w+ \w+ \w+/, script);
    t.equal(stderr, '', script);
  }
  const names = readdirSync(join(ROOT, 'bench'), { recursive: true, encoding: 'utf8' });
  for (const name of names.filter((each) => each.endsWith('.bench.ts'))) {
    const [, first] = /^import (.*)$/m.exec(readFileSync(join(ROOT, 'bench', name), 'utf8')) ?? [];
    t.match(first, /^'\.\.?\/help\.js';$/, `${name} asks for --help first`);
  }
});
