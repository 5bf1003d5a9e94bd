import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { run } from '../../../setup/command.mjs';

const env = process.env;
const signal = new AbortController().signal;

t.test('what a tool prints is returned', async (t) => {
  t.equal(await run('sh', ['-c', 'echo out; echo err >&2'], { env, signal }), 'out\nerr\n');
});

t.test('a failure shows the end of the output, without the chatter of build tools', async (t) => {
  const script = 'seq 1 100; echo "x.cc:1: error: no such thing"; echo "gyp ERR! stack"; exit 3';
  const failure = await run('sh', ['-c', script], { env, signal }).catch((error) => error);
  t.match(failure, { name: 'CommandFailed', message: /failed with code 3/, output: /^1\n/ });
  t.match(failure.message, /\| 100\n {2}\| x\.cc:1: error: no such thing$/);
  t.notMatch(failure.message, /\| 1\n|gyp/);
});

t.test('a tool that is not there, or dies, is told apart', async (t) => {
  await t.rejects(run('no-such-tool', [], { env, signal }), { message: /could not be started.*ENOENT/ });
  await t.rejects(run('sh', ['-c', 'kill -9 $$'], { env, signal }), { message: /was ended by SIGKILL/ });
});

t.test('an interruption ends the tool and its children at once', async (t) => {
  const folder = t.testdir();
  const interruption = new AbortController();
  // npm and make do not die of milder signals as long as they are busy.
  const script = `trap "" TERM INT; sh -c 'trap "" TERM INT; echo $$ >${folder}/child; sleep 60' & wait`;
  const running = run('sh', ['-c', script], { env, signal: interruption.signal });
  while (!existsSync(`${folder}/child`)) await sleep(10);
  await sleep(50);
  interruption.abort(new Error('Interrupted.'));
  await t.rejects(running, { message: 'Interrupted.' });
  const child = (await readFile(`${folder}/child`, 'utf8')).trim();
  const state = await readFile(`/proc/${child}/stat`, 'utf8').catch(() => 'gone');
  t.match(state, /gone|\) [ZX] /, 'at most its entry in the process table is left');
});

t.test('a tool may leave the processor to others', async (t) => {
  const output = await run('sh', ['-c', 'sleep 0.2; nice'], { env, signal, niceness: 10 });
  t.equal(output.trim(), '10');
});
