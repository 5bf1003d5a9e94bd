import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { ApiKeys } from '../../../../src/fronts/door/api-keys.js';

/** A little longer than a running server takes to notice. */
const NOTICED_MS = 1100;

t.test('a key names its holder until it is revoked', async (t) => {
  const path = join(t.testdir(), 'state', 'api-keys.json');
  const running = new ApiKeys(path);
  t.equal(running.isRequired, false);
  const commandLine = new ApiKeys(path);
  const key = await commandLine.create('the dashboard', 'admin');
  await sleep(NOTICED_MS);
  t.equal(running.isRequired, true);
  t.match(running.holderOf(key), { role: 'admin' });
  const [stored] = commandLine.list();
  await commandLine.revoke(stored?.id ?? '');
  await sleep(NOTICED_MS);
  t.equal(running.holderOf(key), undefined);
  t.equal(running.isRequired, true, 'the server does not open when its last key is revoked');
  t.equal(new ApiKeys(path).isRequired, true, 'nor when it starts again');
  rmSync(path);
  await sleep(NOTICED_MS);
  t.equal(running.isRequired, true, 'nor when the state directory disappears');
  await t.rejects(commandLine.revoke('nobody'), { code: 'not_found' });
});

t.test('what is stored is of no use to a thief', async (t) => {
  const path = join(t.testdir(), 'api-keys.json');
  const key = await new ApiKeys(path).create('somebody', 'predict');
  t.notOk(readFileSync(path, 'utf8').includes(key.slice(-20)));
  t.equal(statSync(path).mode & 0o777, 0o600);
});

t.test('another secret, another id and no key at all are nobody’s', async (t) => {
  const path = join(t.testdir(), 'api-keys.json');
  const key = await new ApiKeys(path).create('somebody', 'predict');
  const keys = new ApiKeys(path);
  t.ok(keys.holderOf(key));
  const last = key.at(-1) === 'A' ? 'B' : 'A';
  for (const wrong of [
    key.slice(0, -1) + last,
    key.replace(/_.{12}_/, '_000000000000_'),
    key.slice(6),
    '',
    'x',
  ]) {
    t.equal(keys.holderOf(wrong), undefined);
  }
});

t.test('a file that holds something else is an error, not an open door', async (t) => {
  const path = join(t.testdir(), 'api-keys.json');
  writeFileSync(path, '{}');
  t.throws(() => new ApiKeys(path), { code: 'config_invalid' });
});
