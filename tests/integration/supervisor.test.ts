import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { fixtureImage, formWith } from '../support/answers.js';
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

async function startSupervised(t: Test): Promise<ServerProcess> {
  const env = testEnvironment(t, { FOVEA_LOG_LEVEL: 'info', FOVEA_PROCESSES: '1' });
  const server = await startServerProcess(env);
  t.teardown(() => {
    server.child.kill('SIGKILL');
    for (const pid of serversOf(server)) if (hasEnded(pid) === undefined) process.kill(pid, 'SIGKILL');
  });
  return server;
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
