import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { fixtureImage } from '../support/answers.js';
import { testEnvironment } from '../support/running-server.js';
import { Upload } from '../support/upload.js';

const lineSchema = z.object({ msg: z.string(), port: z.int().optional() });

interface ServerProcess {
  readonly child: ChildProcess;
  readonly url: string;
}

/** `node dist/src/main.js`, ready to predict. */
async function startProcess(t: Test, env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const settings = await testEnvironment(t, { FOVEA_LOG_LEVEL: 'info', ...env });
  const child = spawn(process.execPath, ['dist/src/main.js'], {
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let port = 0;
  for await (const text of createInterface({ input: child.stdout })) {
    const line = lineSchema.parse(JSON.parse(text));
    port = line.port ?? port;
    if (line.msg === 'ready') break;
  }
  return { child, url: `http://127.0.0.1:${port}` };
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
