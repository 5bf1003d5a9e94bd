import { readFile, writeFile } from 'node:fs/promises';
import t, { type Test } from 'tap';
import { buildNative } from '../../../setup/native-build.mjs';
import { setupContext } from '../../support/setup-context.js';

/** Stands for a compiler: notes that it ran, and makes what the check looks for. */
const BUILD = `
const fs = require('node:fs');
fs.appendFileSync('builds', 'x');
fs.mkdirSync('build', { recursive: true });
fs.writeFileSync('build/addon', process.env.ADDON);
`;
const CHECK = `if (require('node:fs').readFileSync('build/addon', 'utf8') !== 'good') throw new Error('bad addon');`;

function project(t: Test, addon = 'good') {
  const folder = t.testdir();
  const context = setupContext(folder, { ADDON: addon, npm_execpath: process.env.npm_execpath });
  const build = (inputs: Record<string, string>, keepsWorking = false) => {
    const command = ['-e', BUILD];
    return buildNative(
      { label: 'Building', folder, output: 'build', inputs, command, check: CHECK, keepsWorking },
      context,
    );
  };
  const builds = () =>
    readFile(`${folder}/builds`, 'utf8').then(
      (text) => text.length,
      () => 0,
    );
  return { folder, context, build, builds };
}

t.test('an addon is built once for the same inputs', async (t) => {
  const { build, builds, context } = project(t);
  for (const _ of ['first', 'second']) await build({ sources: '1' });
  t.equal(await builds(), 1);
  t.strictSame(context.shown, ['Building'], 'the second time, nothing is shown');
  await build({ sources: '2' });
  t.equal(await builds(), 2);
});

t.test('where a working one will do, it is kept although inputs changed; a broken one is not', async (t) => {
  const { folder, build, builds } = project(t);
  await build({ library: 'a' }, true);
  await build({ library: 'b' }, true);
  t.equal(await builds(), 1);
  await writeFile(`${folder}/build/addon`, 'broken');
  await build({ library: 'c' }, true);
  t.equal(await builds(), 2);
});

t.test('an addon that does not load is an error, each time anew', async (t) => {
  const { build, builds } = project(t, 'bad');
  for (const time of [1, 2]) {
    await t.rejects(build({}), { name: 'CommandFailed', message: /bad addon/ });
    t.equal(await builds(), time);
  }
});

t.test('without a compiler nothing is started', async (t) => {
  const { folder, builds } = project(t);
  const context = setupContext(folder, { PATH: '/nonexistent' });
  const refused = buildNative(
    {
      label: 'Building',
      folder,
      output: 'build',
      inputs: {},
      command: ['-e', BUILD],
      check: CHECK,
      keepsWorking: true,
    },
    context,
  );
  await t.rejects(refused, {
    name: 'SetupError',
    message: /Missing on the PATH: python3, make, a C\+\+ compiler/,
  });
  t.equal(await builds(), 0);
});
