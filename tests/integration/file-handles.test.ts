import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { testEnvironment } from '../support/running-server.js';
import { startServerProcess } from '../support/server-process.js';

const skip = process.platform === 'linux' ? false : 'prlimit is a tool of Linux';

/** Processor time of a process, in clock ticks of 10 ms.
 * @source proc_pid_stat(5), fields 14 and 15 */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (isTrue()) return;
    await sleep(50);
  }
  throw new Error('It never happened.');
}

t.test(
  'out of file handles, new connections are closed without a busy loop, until handles are free',
  { skip },
  async (t) => {
    const server = await startServerProcess(testEnvironment(t, { FOVEA_LOG_LEVEL: 'info' }));
    t.teardown(() => server.child.kill('SIGKILL'));
    // `env` was replaced by the server.
    const { pid = 0 } = server.child;
    const { port, hostname } = new URL(server.url);
    const limit = (handles: number): Buffer =>
      execFileSync('prlimit', ['--pid', String(pid), `--nofile=${handles}:20000`]);
    const sockets: Socket[] = [];
    const open = (): Socket => {
      const socket = connect(Number(port), hostname).on('error', () => undefined);
      sockets.push(socket);
      return socket;
    };
    t.teardown(() => {
      for (const socket of sockets) socket.destroy();
    });
    const isOut = (): boolean => server.log.some(({ msg }) => msg === 'new connections are closed');

    // The limit bounds the numbers of handles. Some numbers below the first free one may become free.
    const taken = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
    const firstFree = [...taken, 0].findIndex((_, number) => !taken.has(number));
    limit(firstFree + 10);
    // They take the handles that are left.
    for (let count = 0; count < 100; count++) open();
    await until(isOut);
    t.match(server.log.at(-1), { level: 'error', err: { code: 'out_of_file_handles' } });
    await Promise.all(Array.from({ length: 50 }, () => once(open(), 'close')));
    const before = ticksOf(pid);
    await sleep(500);
    t.ok(ticksOf(pid) - before < 20, 'less than 200 ms of processor time in 500 ms');
    t.equal(server.log.filter(({ msg }) => msg === 'new connections are closed').length, 1);

    limit(10_000);
    await until(() => server.log.at(-1)?.msg === 'file handles are free again: connections are accepted');
    t.equal((await fetch(`${server.url}/api/health/ready`)).status, 200);
  },
);
