import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'tap';

const FILES = {
  'passes.test.js': "import t from 'tap'; t.pass('quiet'); t.skip('later');",
  'fails.test.js': "import t from 'tap'; t.equal(1, 2, 'a message');",
  'dies.test.js': "import t from 'tap'; t.pass(); process.kill(process.pid, 'SIGKILL');",
  'empty.test.js': '',
};

const runTests = (...files: string[]) =>
  spawnSync(process.execPath, ['dist/tools/run-tests.js', ...files], { encoding: 'utf8' });

test('a file passes when it has tests, all pass, and its process ends well', (t) => {
  const folder = t.testdir(FILES);
  const { status, stdout } = runTests(...Object.keys(FILES).map((name) => join(folder, name)));
  t.equal(status, 1);
  t.match(stdout, /^ok .*passes\.test\.js$/m);
  for (const name of ['fails', 'dies', 'empty'])
    t.match(stdout, new RegExp(`^not ok .*${name}\\.test\\.js$`, 'm'));
  t.match(stdout, /a message/, 'all that a failed file said');
  t.match(stdout, /later # SKIP/, 'what was skipped');
  t.notMatch(stdout, /quiet/);
  t.match(stdout, /4 test files, 3 failed/);
  t.equal(runTests(join(folder, 'passes.test.js')).status, 0);
  t.end();
});

test('unit tests of a folder share a process, and each is judged by itself', (t) => {
  const one = join(t.testdir({ unit: FILES }), 'unit');
  const pathsOf = (...names: string[]) => names.map((name) => join(one, `${name}.test.js`));
  const { status, stdout } = runTests(...pathsOf('empty', 'passes', 'fails'));
  t.equal(status, 1);
  t.match(stdout, /a message/);
  t.match(stdout, /^ok .*passes\.test\.js$/m);
  for (const name of ['empty', 'fails']) t.match(stdout, new RegExp(`^not ok .*${name}\\.test\\.js$`, 'm'));
  t.match(stdout, /3 test files, 2 failed/);
  const dead = runTests(...pathsOf('passes', 'dies', 'empty'));
  t.match(dead.stdout, /3 test files, 2 failed/, 'a file that the process did not reach has not passed');
  t.match(dead.stdout, /^ok .*passes\.test\.js$/m);
  t.equal(runTests(...pathsOf('passes', 'passes')).status, 1, 'a module runs once in a process');
  t.end();
});
