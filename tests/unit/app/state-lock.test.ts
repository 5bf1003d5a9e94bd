import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { lockStateDir } from '../../../src/app/state-lock.js';

t.test('a second server is refused, and told who holds the directory', async (t) => {
  const stateDir = join(t.testdir(), 'state');
  const first = await lockStateDir(stateDir);
  await t.rejects(lockStateDir(stateDir), {
    code: 'config_invalid',
    message: new RegExp(`process ${process.pid} on .* since \\d{4}-`),
  });
  first.release();
  (await lockStateDir(stateDir)).release();
});

t.test('the lock of a process that was killed is free', async (t) => {
  const stateDir = t.testdir();
  const module = new URL('../../../src/app/state-lock.js', import.meta.url).href;
  const script = `import { lockStateDir } from '${module}'; await lockStateDir(process.argv[1]); console.log('locked'); setInterval(() => {}, 1000);`;
  const env = { ...process.env, NODE_OPTIONS: '' };
  const args = ['--input-type=module', '-e', script, stateDir];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  await t.rejects(lockStateDir(stateDir), { message: new RegExp(`process ${child.pid}`) });
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
  (await lockStateDir(stateDir)).release();
});

t.test('a directory that cannot be made is named', async (t) => {
  await t.rejects(lockStateDir('/dev/null/state'), { code: 'config_invalid', message: /FOVEA_STATE_DIR/ });
});

t.test('a damaged lock file locks all the same', async (t) => {
  const stateDir = t.testdir({ 'server.lock': 'no database '.repeat(1000) });
  const first = await lockStateDir(stateDir);
  await t.rejects(lockStateDir(stateDir), { message: /Another server/ });
  first.release();
});
