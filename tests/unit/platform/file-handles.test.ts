import { spawnSync } from 'node:child_process';
import t from 'tap';
import { fewFileHandles, fileHandleLimit, requireFileHandles } from '../../../src/platform/file-handles.js';

t.test('the limit of this process is known on Linux', { skip: process.platform !== 'linux' }, (t) => {
  t.ok((fileHandleLimit() ?? 0) > 0);
  t.end();
});

t.test('too few handles refuse the start, few are a warning, an unknown limit is neither', (t) => {
  t.throws(() => requireFileHandles(64), { code: 'config_invalid', message: /is 64/ });
  for (const limit of [undefined, 1024, 1_048_576]) t.doesNotThrow(() => requireFileHandles(limit));
  t.match(fewFileHandles(1024), [/is 1024/]);
  for (const limit of [undefined, 1_048_576]) t.same(fewFileHandles(limit), []);
  t.end();
});

t.test('a server with 64 handles says so', (t) => {
  const env = { ...process.env, NODE_OPTIONS: '' };
  const script = `ulimit -n 64; exec ${process.execPath} dist/src/main.js`;
  const { status, stderr } = spawnSync('sh', ['-c', script], { env, encoding: 'utf8' });
  t.equal(status, 78);
  t.match(stderr, /^fovea: The limit of open files is 64/);
  t.end();
});

t.test(
  'without a free handle the reserve leaves some for connections, and the history names the reason',
  (t) => {
    const script = `ulimit -n 128; exec ${process.execPath} dist/tests/support/out-of-handles.js ${t.testdir()}/history.db`;
    const env = { ...process.env, NODE_OPTIONS: '' };
    const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8', env });
    t.same(JSON.parse(stdout), {
      events: ['out_of_file_handles', 'free'],
      isOut: true,
      isOutAfterwards: false,
      history: 'out_of_file_handles',
    });
    t.end();
  },
);
