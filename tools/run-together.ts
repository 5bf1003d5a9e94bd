import { pathToFileURL } from 'node:url';

/* Runs test files one after another in this process. `run-tests.ts` starts it. */

const [node = '', , ...files] = process.argv;
// tap names the folders of `t.testdir` by the command line, and a name of all files would be too long.
process.argv = [node, files[0] ?? ''];
const { default: t } = await import('tap');

for (const file of files) {
  await import(pathToFileURL(file).href);
  // Settles when the tests of the file have ended, because tap runs one test at a time.
  await t.test('all tests of a file have ended', (t) => t.end());
  t.comment(`end of ${file}`);
}
