import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'tap';

const FILES = {
  'passes.test.js': "import t from 'tap'; t.pass('quiet'); t.skip('later');",
  'fails.test.js': "import t from 'tap'; t.equal(1, 2, 'a message');",
  'dies.test.js': "import t from 'tap'; t.pass(); process.kill(process.pid, 'SIGKILL');",
  'empty.test.js': '',
};

test('a file passes when it has tests, all pass, and its process ends well', (t) => {
  const folder = t.testdir(FILES);
  const runFiles = (names: readonly string[]) => {
    const files = names.map((name) => join(folder, name));
    return spawnSync(process.execPath, ['dist/tools/run-tests.js', ...files], { encoding: 'utf8' });
  };
  const { status, stdout } = runFiles(Object.keys(FILES));
  t.equal(status, 1);
  t.match(stdout, /^ok .*passes\.test\.js$/m);
  for (const name of ['fails', 'dies', 'empty'])
    t.match(stdout, new RegExp(`^not ok .*${name}\\.test\\.js$`, 'm'));
  t.match(stdout, /a message/, 'all that a failed file said');
  t.match(stdout, /later # SKIP/, 'what was skipped');
  t.notMatch(stdout, /quiet/);
  t.match(stdout, /4 test files, 3 failed/);
  t.equal(runFiles(['passes.test.js']).status, 0);
  t.end();
});
