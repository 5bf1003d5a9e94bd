import t from 'tap';
import { RequestHeaders } from '../../../../src/fronts/http/request-headers.js';

function headersOf(lines: readonly (readonly [string, string])[]): RequestHeaders {
  return new RequestHeaders({
    forEach: (take) => {
      for (const [name, value] of lines) take(name, value);
    },
  });
}

t.test('several lines of one header are one list, in their order', async (t) => {
  const headers = headersOf([
    ['x-forwarded-for', '6.6.6.6'],
    ['host', 'x'],
    ['x-forwarded-for', '198.51.100.1'],
  ]);
  t.equal(headers.get('x-forwarded-for'), '6.6.6.6, 198.51.100.1');
  t.same([...headers.repeated], ['x-forwarded-for']);
  t.equal(headers.get('host'), 'x');
  t.equal(headers.get('via'), '');
});

t.test('an empty header is there, an absent one is not', async (t) => {
  const headers = headersOf([['content-length', '']]);
  t.ok(headers.has('content-length'));
  t.notOk(headers.has('transfer-encoding'));
});
