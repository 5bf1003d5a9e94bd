import { mkdir, readFile, rm } from 'node:fs/promises';
import t, { type Test } from 'tap';
import { installPackages } from '../../../setup/packages.mjs';
import { setupContext } from '../../support/setup-context.js';

const LOCK = JSON.stringify({
  packages: {
    '': { name: 'fovea' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/for-another-system': { version: '1.0.0', optional: true },
  },
});
const INSTALLED = { packages: { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } } };

/** Does what `npm ci` does, as far as it shows, and notes that it ran. */
const NPM = `
const { mkdirSync, writeFileSync, appendFileSync } = require('node:fs');
appendFileSync('npm.log', process.argv.slice(2).join(' ') + '\\n');
if (process.env.NPM_FAILS) { console.error('npm error code ENOTFOUND'); process.exit(1); }
mkdirSync('node_modules/a', { recursive: true });
writeFileSync('node_modules/a/binary.node', '');
writeFileSync('node_modules/.package-lock.json', JSON.stringify(${JSON.stringify(INSTALLED)}));
`;

function checkout(t: Test, nodeModules: Record<string, string | Record<string, string>> = {}) {
  const root = t.testdir({
    'package-lock.json': LOCK,
    'package.json': '{}',
    'npm-cli.js': NPM,
    node_modules: nodeModules,
  });
  const context = setupContext(root, { npm_execpath: `${root}/npm-cli.js` });
  const npmRuns = () =>
    readFile(`${root}/npm.log`, 'utf8').then(
      (log) => log.trim().split('\n'),
      () => [],
    );
  return { context, root, npmRuns };
}

t.test('packages are installed as locked, with no install scripts, once', async (t) => {
  const { context, npmRuns } = checkout(t);
  for (const _ of ['first', 'second']) await installPackages(['a/binary.node'], context);
  t.match(await npmRuns(), [/^ci --include=dev --ignore-scripts/]);
  t.equal((await npmRuns()).length, 1);
});

t.test('what npm installed by other means is left alone', async (t) => {
  const { context, npmRuns } = checkout(t, { a: {}, '.package-lock.json': JSON.stringify(INSTALLED) });
  await installPackages([], context);
  t.strictSame(await npmRuns(), []);
});

t.test('a changed, missing or unknown package brings npm back', async (t) => {
  const records = {
    changed: { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-b' } },
    missing: {},
    unknown: { ...INSTALLED.packages, 'node_modules/a': { version: '0.9.0' } },
  };
  for (const [name, packages] of Object.entries(records)) {
    const { context, npmRuns } = checkout(t, { a: {}, '.package-lock.json': JSON.stringify({ packages }) });
    await installPackages([], context);
    t.equal((await npmRuns()).length, 1, name);
  }
});

t.test('so does a folder that was deleted, or a binary that this Node needs', async (t) => {
  const { context, root, npmRuns } = checkout(t);
  await installPackages([], context);
  await rm(`${root}/node_modules/a`, { recursive: true });
  await installPackages([], context);
  t.equal((await npmRuns()).length, 2);
  await rm(`${root}/node_modules/a`, { recursive: true });
  await mkdir(`${root}/node_modules/a`);
  await installPackages(['a/binary.node'], context);
  t.equal((await npmRuns()).length, 3);
});

t.test('a failing npm is explained', async (t) => {
  const { context } = checkout(t);
  const failing = installPackages([], { ...context, env: { ...context.env, NPM_FAILS: '1' } });
  await t.rejects(failing, { name: 'SetupError', message: /npm error code ENOTFOUND.*→ .*registry, proxy/s });
});
