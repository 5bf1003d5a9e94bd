import t from 'tap';
import { Cors } from '../../../../src/fronts/http/cors.js';

function headersOf(origin: string, requested: string): Map<string, string> {
  return new Map(new Cors('https://app.example').preflightHeadersFor(origin, requested));
}

t.test('a preflight gets every header that it asks for', async (t) => {
  const asked = 'cache-control,x-requested-with, content-type';
  t.equal(headersOf('https://app.example', asked).get('Access-Control-Allow-Headers'), asked);
  t.match(headersOf('https://app.example', '').get('Access-Control-Allow-Headers'), /X-API-Key/);
});

t.test('only names of headers are repeated', async (t) => {
  for (const strange of ['a b', 'a,', 'a\r\nSet-Cookie: b', ','])
    t.match(
      headersOf('https://app.example', strange).get('Access-Control-Allow-Headers'),
      /X-API-Key/,
      strange,
    );
});

t.test('another site gets no permission', async (t) => {
  t.equal(headersOf('https://evil.example', 'x').get('Access-Control-Allow-Origin'), undefined);
});
