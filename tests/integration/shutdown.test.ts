import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { fixtureImage } from '../support/answers.js';
import { testEnvironment } from '../support/running-server.js';
import { type ServerProcess, startServerProcess } from '../support/server-process.js';
import { Upload } from '../support/upload.js';

async function startProcess(t: Test, env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const server = await startServerProcess(testEnvironment(t, { FOVEA_LOG_LEVEL: 'info', ...env }));
  t.teardown(() => server.child.kill('SIGKILL'));
  return server;
}

t.test('SIGTERM on an idle server ends it with 0', async (t) => {
  const { child } = await startProcess(t);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  t.same(await exit, [0, null]);
});

t.test('SIGTERM lets a running request finish, refuses others, and ends with 0', async (t) => {
  const { child, url } = await startProcess(t);
  const jpeg = await fixtureImage('cat-0000');
  const headers = { 'Content-Type': 'image/jpeg', 'Content-Length': String(jpeg.length) };
  const held = new Upload(`${url}/api/predict`, headers);
  await held.send(jpeg.subarray(0, 100));
  await fetch(`${url}/api/health/live`);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  let status = 200;
  while (status === 200) ({ status } = await fetch(`${url}/api/health/ready`));
  t.equal(status, 503);
  held.end(jpeg.subarray(100));
  t.equal((await held.answer).status, 200);
  t.same(await exit, [0, null]);
});

t.test('a request that outlasts the drain timeout ends the server with 1', async (t) => {
  const { child, url } = await startProcess(t, { FOVEA_DRAIN_TIMEOUT_MS: '100' });
  const held = new Upload(`${url}/api/predict`, { 'Content-Type': 'image/jpeg', 'Content-Length': '1000' });
  await held.send(Buffer.alloc(10));
  await fetch(`${url}/api/health/live`);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  t.same(await exit, [1, null]);
});

t.test('a server that cannot start says why and ends with 1', async (t) => {
  const child = spawn(process.execPath, ['dist/src/main.js'], {
    env: { ...process.env, FOVEA_PROT: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const errors: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  t.same(await once(child, 'close'), [1, null]);
  t.match(errors.join(''), /FOVEA_PROT.*FOVEA_PORT/);
});
