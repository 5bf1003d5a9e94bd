import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { fixtureImage, formWith } from '../support/answers.js';
import { freePort } from '../support/free-port.js';
import { NO_POSTGRES, PostgresServer } from '../support/postgres-server.js';
import { testEnvironment } from '../support/running-server.js';
import { type LogLine, type ServerProcess, startServerProcess } from '../support/server-process.js';

const startSchema = z.looseObject({ pid: z.int() });

function serversOf({ log }: ServerProcess): number[] {
  return log.filter(({ msg }) => msg === 'starting').map((line) => startSchema.parse(line).pid);
}

async function until<T>(find: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < 600; tries++) {
    const found = find();
    if (found !== undefined) return found;
    await sleep(50);
  }
  throw new Error('It never happened.');
}

function hasEnded(pid: number): true | undefined {
  try {
    process.kill(pid, 0);
    return undefined;
  } catch {
    return true;
  }
}

async function startSupervised(
  t: Test,
  changes: Record<string, string> = {},
): Promise<ServerProcess & { readonly stateDir: string }> {
  const env = testEnvironment(t, { FOVEA_LOG_LEVEL: 'info', FOVEA_PROCESSES: '1', ...changes });
  const server = await startServerProcess(env);
  t.teardown(() => {
    server.child.kill('SIGKILL');
    for (const pid of serversOf(server)) if (hasEnded(pid) === undefined) process.kill(pid, 'SIGKILL');
  });
  return { ...server, stateDir: z.string().parse(env.FOVEA_STATE_DIR) };
}

async function predictAt({ log }: ServerProcess): Promise<number> {
  const port = log.findLast((line) => line.port !== undefined)?.port;
  const body = formWith('file', { 'cat.jpg': await fixtureImage('cat-0000') });
  return (await fetch(`http://127.0.0.1:${port}/api/predict`, { method: 'POST', body })).status;
}

t.test('a server that crashes is started again; SIGTERM ends both, with its status', async (t) => {
  const supervised = await startSupervised(t);
  const { child, log } = supervised;
  t.equal(await predictAt(supervised), 200);
  const [first = 0] = serversOf(supervised);
  t.not(first, child.pid);
  process.kill(first, 'SIGSEGV');
  const isReadyAgain = ({ msg, out_of_service_ms: outMs }: LogLine): boolean =>
    msg === 'the server is ready' && typeof outMs === 'number';
  const again = await until(() => log.find(isReadyAgain));
  t.comment(`ready again after ${String(again.out_of_service_ms)} ms`);
  t.match(
    log.find(({ msg }) => msg.startsWith('the server ended')),
    { level: 'error', signal: 'SIGSEGV', delay_ms: 100 },
  );
  t.equal(await predictAt(supervised), 200);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  t.same(await exit, [0, null]);
  const [, second = 0] = serversOf(supervised);
  t.ok(hasEnded(second));
});

t.test('a server does not outlive its supervisor', async (t) => {
  const supervised = await startSupervised(t);
  const [pid = 0] = serversOf(supervised);
  supervised.child.kill('SIGKILL');
  t.ok(await until(() => hasEnded(pid)));
});

function readyTimes({ log }: ServerProcess): number {
  return log.filter(({ msg }) => msg === 'the server is ready').length;
}

/** A port whose successors nobody listens on. */
async function portBeforeFree(count: number): Promise<number> {
  for (;;) {
    const port = await freePort();
    const isFree = await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const server = createServer().listen(port + 1 + index, '127.0.0.1');
        const found = await Promise.race([
          once(server, 'listening').then(() => true),
          once(server, 'error').then(() => false),
        ]);
        server.close();
        return found;
      }),
    );
    if (isFree.every(Boolean)) return port;
  }
}

t.test(
  'two processes share a port; while one is down the other answers',
  { skip: NO_POSTGRES },
  async (t) => {
    const postgres = await PostgresServer.start(t);
    const port = await portBeforeFree(2);
    const supervised = await startSupervised(t, {
      FOVEA_PROCESSES: '2',
      FOVEA_PORT: String(port),
      FOVEA_HISTORY_URL: await postgres.createDatabase(),
      FOVEA_ROLLOUT_POLL_MS: '50',
    });
    await until(() => (readyTimes(supervised) === 2 ? true : undefined));
    const shared = `http://127.0.0.1:${port}`;
    const own = [1, 2].map((number) => `http://127.0.0.1:${port + number}`);
    const body = Uint8Array.from(await fixtureImage('cat-0000'));
    // Each request has a connection of its own, so that the kernel gives it to either process.
    const headers = { 'Content-Type': 'image/jpeg', Connection: 'close' };
    const predict = async (): Promise<number> =>
      (await fetch(`${shared}/api/predict`, { method: 'POST', body, headers })).status;
    const predictionsOf = async (url: string): Promise<number> => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Number(/fovea_predictions_total\{.*outcome="answered"\} (\d+)/.exec(text)?.[1] ?? 0);
    };
    const answered = async (): Promise<number[]> => Promise.all(own.map(predictionsOf));
    while ((await answered()).includes(0)) await predict();

    const [first = 0] = serversOf(supervised);
    process.kill(first, 'SIGKILL');
    await until(() => hasEnded(first));
    const statuses: number[] = [];
    while (readyTimes(supervised) < 3) statuses.push(await predict());
    t.comment(`${statuses.length} requests while one process was down`);
    t.same(new Set(statuses), new Set([200]));
    t.match(
      supervised.log.find(({ msg }) => msg.startsWith('the server ended')),
      { process_number: 1, signal: 'SIGKILL' },
    );

    const token = readFileSync(join(supervised.stateDir, 'admin-token'), 'utf8').trim();
    const admin = { Authorization: `Bearer ${token}` };
    const path = '/api/models/cifar10-cnn/versions/3/activate';
    t.equal((await fetch(shared + path, { method: 'POST', headers: admin })).status, 200);
    const health = z.looseObject({ model: z.object({ version: z.int() }) });
    for (const url of own)
      while (health.parse(await (await fetch(`${url}/api/health`)).json()).model.version !== 3)
        await sleep(50);
    t.equal((await fetch(`${shared}/metrics`)).status, 404, 'metrics are of one process');
    t.equal((await fetch(`${shared}/api/retrain/jobs`)).status, 404, 'and so are trainings');
    t.equal(
      (await fetch(`${shared}/v2/repository/index`, { method: 'POST' })).status,
      404,
      'and what is loaded',
    );
    t.equal((await fetch(`${own[1]}/api/retrain/jobs`, { headers: admin })).status, 200);

    const exit = once(supervised.child, 'exit');
    supervised.child.kill('SIGTERM');
    t.same(await exit, [0, null]);
  },
);
