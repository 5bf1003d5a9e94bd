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

t.test('a page may open a WebSocket to its own server, and where CORS allows it', async (t) => {
  const cors = new Cors('https://app.example');
  t.ok(cors.allowsSocket('', 'localhost:5000'), 'no browser');
  t.ok(cors.allowsSocket('https://app.example', 'localhost:5000'));
  t.ok(cors.allowsSocket('http://localhost:5000', 'LOCALHOST:5000'));
  for (const origin of [
    'https://evil.example',
    'http://localhost:5001',
    'null',
    'http://localhost:5000.evil.example',
  ])
    t.notOk(cors.allowsSocket(origin, 'localhost:5000'), origin);
  t.ok(new Cors('*').allowsSocket('https://evil.example', 'localhost:5000'));
});
