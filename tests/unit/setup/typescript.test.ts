import { existsSync } from 'node:fs';
import { rm, symlink, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { compileTypeScript } from '../../../setup/typescript.mjs';
import { setupContext } from '../../support/setup-context.js';

const NODE_MODULES = fileURLToPath(new URL('../../../../node_modules', import.meta.url));
const TSCONFIG = JSON.stringify({
  compilerOptions: {
    rootDir: '.',
    outDir: 'dist',
    incremental: true,
    strict: true,
    types: [],
    skipLibCheck: true,
  },
  include: ['src'],
});

t.test('sources are compiled; the output of those that are gone goes, too; errors are shown', async (t) => {
  const root = t.testdir({
    'tsconfig.json': TSCONFIG,
    src: { 'kept.ts': 'export const a = 1;', 'gone.ts': 'export const b = 2;' },
    dist: { src: { 'page.js': 'copied from src/page.js' } },
  });
  await writeFile(`${root}/src/page.js`, '');
  await symlink(NODE_MODULES, `${root}/node_modules`);
  const context = setupContext(root);
  await compileTypeScript(context);
  t.ok(existsSync(`${root}/dist/src/gone.js`));

  await rm(`${root}/src/gone.ts`);
  await compileTypeScript(context);
  t.notOk(existsSync(`${root}/dist/src/gone.js`));
  t.ok(existsSync(`${root}/dist/src/kept.js`));
  t.ok(existsSync(`${root}/dist/src/page.js`), 'a copied script has its source');

  await writeFile(`${root}/src/kept.ts`, 'export const a: string = 1;');
  await t.rejects(compileTypeScript(context), {
    name: 'SetupError',
    message: /src\/kept\.ts\(1,14\): error TS2322/,
  });
});
