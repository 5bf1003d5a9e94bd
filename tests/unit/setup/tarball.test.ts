import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import t from 'tap';
import { fillOnce } from '../../../setup/cache.mjs';
import { fetchTarball } from '../../../setup/tarball.mjs';
import { portOf } from '../../support/port-of.js';
import { setupContext } from '../../support/setup-context.js';

t.test('the package’s own download, from a mirror', async (t) => {
  const root = t.testdir({ files: { lib: { 'libtensorflow.so': 'the library' } } });
  await promisify(execFile)('tar', ['-czf', `${root}/it.tar.gz`, '-C', `${root}/files`, '.']);
  const bytes = await readFile(`${root}/it.tar.gz`);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const mirror = createServer((request, response) =>
    request.url === '/it.tar.gz' ? response.end(bytes) : response.writeHead(404).end(),
  ).listen(0, '127.0.0.1');
  await once(mirror, 'listening');
  t.teardown(() => mirror.close());
  const context = setupContext(root, { TFJS_NODE_CDN_STORAGE: `http://127.0.0.1:${portOf(mirror)}/` });
  const fetchInto = (name: string, tarball: { path: string; sha256: string }) =>
    fillOnce(name, 1, (folders) => fetchTarball(tarball, folders, context), context);

  const folder = await fetchInto('whole', { path: 'it.tar.gz', sha256 });
  t.equal(await readFile(`${folder}/lib/libtensorflow.so`, 'utf8'), 'the library');
  t.strictSame(await readdir(folder), ['lib'], 'the archive is not kept');

  const forged = fetchInto('forged', { path: 'it.tar.gz', sha256: '0'.repeat(64) });
  await t.rejects(forged, { name: 'SetupError', message: new RegExp(`has the SHA-256 ${sha256}`) });
  await t.rejects(fetchInto('absent', { path: 'absent', sha256 }), {
    message: /cannot be downloaded: HTTP status 404/,
  });
  t.strictSame(await readdir(`${root}/cache`), ['whole']);
});
