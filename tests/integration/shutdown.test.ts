import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import t, { type Test } from 'tap';
import { fixtureImage, formWith, predictionOf } from '../support/answers.js';
import { portOf } from '../support/port-of.js';
import { testEnvironment } from '../support/running-server.js';
import { type ServerProcess, startServerProcess } from '../support/server-process.js';
import { Upload } from '../support/upload.js';

async function startProcess(t: Test, env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const server = await startServerProcess(testEnvironment(t, { FOVEA_LOG_LEVEL: 'info', ...env }));
  t.teardown(() => server.child.kill('SIGKILL'));
  return server;
}

t.test('after SIGTERM the server is not ready at once, serves for the delay, and ends with 0', async (t) => {
  const { child, url } = await startProcess(t, { FOVEA_SHUTDOWN_DELAY_MS: '1000' });
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  let status = 200;
  while (status === 200) ({ status } = await fetch(`${url}/api/health/ready`));
  t.equal(status, 503);
  const body = formWith('file', { 'cat.jpg': await fixtureImage('cat-0000') });
  const answer = await fetch(`${url}/api/predict`, { method: 'POST', body });
  t.equal(answer.status, 200, 'load balancers that have not noticed get answers');
  t.equal(answer.headers.get('connection'), 'close');
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

t.test('an error that nothing caught is logged, and no prediction is lost', async (t) => {
  const env = testEnvironment(t, { FOVEA_LOG_LEVEL: 'info' });
  const ids: string[] = [];
  for (const signal of ['SIGUSR2', 'SIGPIPE'] as const) {
    const { child, url, log } = await startServerProcess(env, 'dist/tests/support/faulty-server.js');
    t.teardown(() => child.kill('SIGKILL'));
    const body = formWith('file', { 'cat.jpg': await fixtureImage('cat-0000') });
    const answer = await predictionOf(await fetch(`${url}/api/predict`, { method: 'POST', body }));
    ids.push(answer.prediction_id);
    const exit = once(child, 'exit');
    child.kill(signal);
    t.same(await exit, [1, null], signal);
    t.match(log.at(-1), { level: 'fatal', msg: /uncaught error/, err: { message: 'injected' } });
  }
  const { url } = await startProcess(t, env);
  for (const id of ids) t.equal((await fetch(`${url}/api/predictions/${id}`)).status, 200);
});

t.test('a webhook that does not answer holds up no SIGTERM', async (t) => {
  const hook = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(hook, 'listening');
  t.teardown(() => {
    hook.closeAllConnections();
    hook.close();
  });
  const { child, url, log } = await startProcess(t, {
    FOVEA_DRIFT_WEBHOOK_URL: `http://127.0.0.1:${portOf(hook)}/`,
    FOVEA_DRIFT_CHECK_INTERVAL_MS: '1000',
    FOVEA_DRIFT_MIN_SAMPLES: '10',
  });
  const told = once(hook, 'request');
  const jpeg = await fixtureImage('cat-0000');
  // Of one class only: far from what training saw.
  const files = Object.fromEntries(Array.from({ length: 30 }, (_, image) => [`${image}`, jpeg]));
  await fetch(`${url}/api/predict/batch`, { method: 'POST', body: formWith('files', files) });
  await told;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  t.same(await exit, [0, null]);
  t.notOk(log.some(({ level }) => level === 'error'));
});

t.test('a wrong configuration ends the server with 78, and its supervisor too', async (t) => {
  const end = async (settings: Record<string, string>): Promise<[unknown, string]> => {
    const child = spawn(process.execPath, ['dist/src/main.js'], {
      env: { ...process.env, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    return [await once(child, 'close'), output];
  };
  const [misspelt, why] = await end({ FOVEA_PROT: '1' });
  t.same(misspelt, [78, null]);
  t.match(why, /FOVEA_PROT.*FOVEA_PORT/);
  // Found by the server, not by the supervisor.
  const elsewhere = { ...testEnvironment(t, { FOVEA_LOG_LEVEL: 'info' }), FOVEA_HOST: '203.0.113.1' };
  const [refused, lines] = await end({ ...elsewhere, FOVEA_PROCESSES: '1' });
  t.same(refused, [78, null]);
  t.match(lines, /"line":"fovea: Cannot listen on 203.0.113.1/);
});
