import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { fixtureImage, formWith, predictionOf } from '../support/answers.js';
import { operatorFetch } from '../support/operator.js';
import { testEnvironment } from '../support/running-server.js';
import { type ServerProcess, startServerProcess } from '../support/server-process.js';
import { SmallDisk, withoutMounts } from '../support/small-disk.js';

const skip = withoutMounts();

const healthSchema = z.looseObject({
  status: z.string(),
  degraded: z.array(z.looseObject({ part: z.string() })),
});

async function startOn(t: Test, disk: SmallDisk, env: Record<string, string> = {}): Promise<ServerProcess> {
  const settings = { FOVEA_STATE_DIR: disk.directory, FOVEA_LOG_LEVEL: 'info', FOVEA_KEEP_IMAGES: 'true' };
  const server = await startServerProcess(testEnvironment(t, { ...settings, ...env }));
  t.teardown(() => server.child.kill('SIGKILL'));
  return server;
}

async function kill({ child }: ServerProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

async function predict({ url }: ServerProcess): Promise<Response> {
  const body = formWith('file', { 'cat.jpg': await fixtureImage('cat-0000') });
  return fetch(`${url}/api/predict`, { method: 'POST', body });
}

/** Calls `ask` until its answer has `status`. */
async function until(ask: () => Promise<Response>, status: number): Promise<Response> {
  for (let tries = 0; tries < 200; tries++) {
    const answer = await ask();
    if (answer.status === status) return answer;
    await answer.arrayBuffer();
    await sleep(50);
  }
  throw new Error(`No answer had status ${status}.`);
}

/** Every change that needs room, as the operator asks for it. */
async function changes({ url }: ServerProcess): Promise<Record<string, Response>> {
  const post = (path: string, body: FormData | string | null = null, method = 'POST') =>
    operatorFetch(url + path, {
      method,
      body,
      ...(typeof body === 'string' && { headers: { 'Content-Type': 'application/json' } }),
    });
  const upload = formWith('files', { 'cat.jpg': await fixtureImage('cat-0000') });
  upload.append('labels', 'Cat');
  const split = JSON.stringify({
    split: [
      { version: 4, percent: 90 },
      { version: 3, percent: 10 },
    ],
  });
  return {
    activate: await post('/api/models/cifar10-cnn/versions/3/activate'),
    traffic: await post('/api/models/cifar10-cnn/traffic', split, 'PUT'),
    retrain: await post('/api/retrain', '{}'),
    evaluate: await post('/api/model/evaluate', '{}'),
    upload: await post('/api/upload/training-data', upload),
  };
}

t.test('on a full disk a relaxed server predicts, and says what it cannot do', { skip }, async (t) => {
  const disk = new SmallDisk(t, 4);
  const server = await startOn(t, disk);
  const { url, log } = server;
  disk.fill();
  t.equal((await predict(server)).status, 200);
  for (const [name, answer] of Object.entries(await changes(server))) {
    t.equal(answer.status, 507, name);
    t.match(await answer.json(), { code: 'disk_full', error: /disk.*full/ }, name);
  }
  const chart = await fetch(`${url}/static/class_distribution.png`);
  t.equal(chart.status, 507, 'charts');
  t.match(await chart.json(), { code: 'disk_full' });
  t.equal((await fetch(`${url}/api/health/ready`)).status, 200);
  const { status, degraded } = healthSchema.parse(await (await fetch(`${url}/api/health`)).json());
  t.equal(status, 'degraded');
  const history = degraded.find(({ part }) => part === 'history');
  t.match(history, { code: 'disk_full', stops_predictions: false });
  t.same(
    readdirSync(disk.directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /unfinished|\.part$/.test(name),
    ),
    [],
    'nothing half-written stays',
  );
  const metrics = await (await fetch(`${url}/metrics`)).text();
  t.match(metrics, /^fovea_history_rows_failed_total 1$/m);
  t.match(metrics, /^fovea_degraded\{part="history"\} 1$/m);
  t.match(
    log.find(({ msg }) => msg === 'predictions were not recorded'),
    { lost_rows: 1 },
  );
  t.match(
    log.find(({ msg }) => msg === 'images could not be kept'),
    { images: 1 },
  );

  await kill(server);
  disk.fill();
  const again = await startOn(t, disk);
  t.equal((await predict(again)).status, 200, 'a server starts on a full disk');
  t.equal((await fetch(`${again.url}/api/health/live`)).status, 200);

  disk.empty();
  // Rows are written after their answers, so each try looks for the prediction before.
  let id = '';
  const stored = async (): Promise<Response> => {
    const earlier = await fetch(`${again.url}/api/predictions/${id}`);
    if (earlier.status !== 200) id = (await predictionOf(await predict(again))).prediction_id;
    await sleep(200);
    return earlier;
  };
  await until(stored, 200);
});

t.test('a strict server is not ready while the disk is full, and recovers by itself', { skip }, async (t) => {
  const disk = new SmallDisk(t, 4);
  const first = await startOn(t, disk, { FOVEA_HISTORY_DURABILITY: 'strict' });
  t.equal((await predict(first)).status, 200);
  disk.fill();
  const refused = await until(() => predict(first), 507);
  t.match(await refused.json(), { code: 'disk_full' });
  const ready = async (server: ServerProcess) => fetch(`${server.url}/api/health/ready`);
  t.same(await (await ready(first)).json(), { ready: false, status: 'degraded' });
  disk.empty();
  await until(() => ready(first), 200);
  t.equal((await predict(first)).status, 200);

  await kill(first);
  disk.fill();
  const second = await startOn(t, disk, { FOVEA_HISTORY_DURABILITY: 'strict' });
  await until(() => predict(second), 507);
  t.equal((await ready(second)).status, 503);
  disk.empty();
  await until(() => ready(second), 200);
  t.equal((await predict(second)).status, 200);
  t.match(await (await fetch(`${second.url}/api/statistics`)).json(), { total_predictions: 3 });
});

t.test('a first start finds a full disk, and stores its secrets when there is room', { skip }, async (t) => {
  const disk = new SmallDisk(t, 1);
  disk.fill();
  const server = await startOn(t, disk);
  t.equal((await predict(server)).status, 200);
  t.notOk(readdirSync(disk.directory).includes('admin-token'));
  disk.empty();
  await until(async () => {
    const isStored = readdirSync(disk.directory).includes('admin-token');
    return new Response(null, { status: isStored ? 200 : 503 });
  }, 200);
});
