import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { AdminToken } from '../../../../src/fronts/door/admin-token.js';

t.test('only the token in the file matches, also after a restart', async (t) => {
  const path = join(t.testdir(), 'state', 'admin-token');
  const first = await AdminToken.open(path);
  const text = readFileSync(path, 'utf8').trim();
  t.equal(statSync(path).mode & 0o777, 0o600);
  t.ok(first.matches(text));
  t.notOk(first.matches(''));
  t.notOk(first.matches(text.slice(0, -1)));
  chmodSync(path, 0o644);
  t.ok((await AdminToken.open(path)).matches(text));
  t.equal(statSync(path).mode & 0o777, 0o600, 'a copy that others could read is closed again');
});

t.test('two servers that start at once have one token', async (t) => {
  const path = join(t.testdir(), 'admin-token');
  const [one, other] = await Promise.all([AdminToken.open(path), AdminToken.open(path)]);
  const text = readFileSync(path, 'utf8').trim();
  t.ok(one.matches(text));
  t.ok(other.matches(text));
});

t.test('a file that was cut off is replaced: an empty token never matches', async (t) => {
  const path = join(t.testdir(), 'admin-token');
  writeFileSync(path, '');
  const token = await AdminToken.open(path);
  t.notOk(token.matches(''));
  t.ok(token.matches(readFileSync(path, 'utf8').trim()));
});
