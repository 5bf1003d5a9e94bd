import t from 'tap';
import { stringify, validate, version } from 'uuid';
import { randomUuid, uuidText } from '../../../src/platform/uuids.js';

t.test('the text of a UUID is that of the library', async (t) => {
  const bytes = Uint8Array.from({ length: 16 }, (_, index) => index * 17);
  bytes[6] = 0x7a;
  bytes[8] = 0x9b;
  t.equal(uuidText(bytes), stringify(bytes));
});

t.test('random UUIDs are of version 4 and differ, beyond one filling of the random bytes too', async (t) => {
  const ids = Array.from({ length: 1000 }, randomUuid);
  t.ok(ids.every((id) => validate(id) && version(id) === 4));
  t.equal(new Set(ids).size, ids.length);
});
