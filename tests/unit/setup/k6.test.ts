import { mkdir, readFile, writeFile } from 'node:fs/promises';
import t from 'tap';
import { buildK6, k6Path } from '../../../setup/k6.mjs';
import { setupContext } from '../../support/setup-context.js';

/** A checkout that pins a k6, and a PATH with this `go`. */
async function checkout(root: string, go?: string): Promise<ReturnType<typeof setupContext>> {
  await mkdir(`${root}/bench/flood/k6`, { recursive: true });
  await writeFile(`${root}/bench/flood/k6/go.mod`, 'module x\n\nrequire go.k6.io/k6/v2 v2.3.4\n');
  await mkdir(`${root}/bin`);
  if (go !== undefined) await writeFile(`${root}/bin/go`, `#!/bin/sh\n${go}\n`, { mode: 0o755 });
  return setupContext(root, { PATH: `${root}/bin` });
}

t.test('the pinned k6 lies in the user’s cache, under its version', async (t) => {
  const { root, env } = await checkout(t.testdir());
  t.equal(await k6Path(root, env), `${root}/cache/k6-2.3.4/k6`);
});

t.test('without Go, set-up says what k6 takes', async (t) => {
  const context = await checkout(t.testdir());
  await t.rejects(buildK6(context), { message: /k6-2\.3\.4.*built with Go.*Install Go/s });
});

t.test('k6 is built once', async (t) => {
  const root = t.testdir();
  const context = await checkout(
    root,
    `echo "$1" >> ${root}/calls; [ "$1" = version ] || echo binary > "$6"`,
  );
  await buildK6(context);
  t.equal(await readFile(await k6Path(root, context.env), 'utf8'), 'binary\n');
  await buildK6(context);
  t.equal(await readFile(`${root}/calls`, 'utf8'), 'version\nbuild\n');
});

t.test('this checkout pins a version', async (t) => {
  t.match(await k6Path('.', { FOVEA_CACHE_DIR: '/c' }), /^\/c\/k6-\d+\.\d+\.\d+\/k6$/);
});
