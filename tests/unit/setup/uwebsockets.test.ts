import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import t from 'tap';
import { binaryOf, keepOneBinary } from '../../../setup/uwebsockets.mjs';

const HOST = { platform: 'linux', arch: 'x64', node: '20.17.0', abi: '115', glibc: '2.36' };
const PACKAGE = {
  'uws.js': 'the loader',
  'uws_linux_x64_115.node': 'ours',
  'uws_linux_x64_127.node': 'another Node',
  'uws_darwin_arm64_115.node': 'another system',
};
const sha256 = createHash('sha256').update('ours').digest('hex');

t.test('the binary of this host stays, those of others go', async (t) => {
  const folder = t.testdir(PACKAGE);
  for (const run of ['first', 'second']) {
    await keepOneBinary(folder, HOST, { linux_x64_115: sha256 });
    t.strictSame((await readdir(folder)).sort(), ['uws.js', binaryOf(HOST)], `${run} run`);
  }
});

t.test('a binary with another SHA-256 is refused and deleted, so that it is never loaded', async (t) => {
  const folder = t.testdir(PACKAGE);
  const refused = keepOneBinary(folder, HOST);
  await t.rejects(refused, { name: 'SetupError', message: new RegExp(`has the SHA-256 ${sha256}.*→`, 's') });
  t.notOk((await readdir(folder)).includes(binaryOf(HOST)));
});
