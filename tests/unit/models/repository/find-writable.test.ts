import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { findWritable } from '../../../../src/models/repository/find-writable.js';
import { copyRepository, MODEL } from '../../../support/second-model.js';

const PROCESS = fileURLToPath(new URL('../../../support/find-writable-process.js', import.meta.url));
/** Debian's `nobody`. */
const NOBODY = 65_534;

/** Two repositories that everybody may read, outside the checkout. */
function repositories(t: Test): [string, string] {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-repositories-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  return [copyRepository(join(folder, 'shared'), [1]), join(folder, 'own')];
}

t.test(
  'a repository that can be written takes new versions itself, and the attempt leaves nothing',
  async (t) => {
    const [shared, own] = repositories(t);
    t.same(await findWritable([shared, own], false), { modelsDir: shared, otherDirs: [own] });
    t.same(readdirSync(shared), [MODEL]);
  },
);

t.test('one that must not be written does not', async (t) => {
  const [shared, own] = repositories(t);
  t.same(await findWritable([shared, own], true), { modelsDir: own, otherDirs: [shared] });
});

t.test('nor one that cannot be written', async (t) => {
  const [shared, own] = repositories(t);
  chmodSync(shared, 0o555);
  // Root may write whatever the bits say.
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const { stdout } = await promisify(execFile)(process.execPath, [PROCESS, shared, own], user);
  t.same(JSON.parse(stdout), { modelsDir: own, otherDirs: [shared] });
});

t.test('nor one whose layout has no folders of models: a new version would not be found there', async (t) => {
  const [shared, own] = repositories(t);
  for (const folder of [join(shared, MODEL), join(shared, MODEL, '1')]) {
    t.same(await findWritable([folder, own], false), { modelsDir: own, otherDirs: [folder] });
  }
});

t.test('an empty repository takes new versions', async (t) => {
  const [, own] = repositories(t);
  mkdirSync(own);
  t.same(await findWritable([own, '/nowhere'], false), { modelsDir: own, otherDirs: ['/nowhere'] });
});
