import t from 'tap';
import { openConnectionAddon } from '../../../../native/connection.js';
import { errorReply, jsonReply } from '../../../../src/fronts/http/reply.js';
import type { Route } from '../../../../src/fronts/http/route.js';
import { OPEN_ROUTE, openFront } from '../../../support/open-front.js';
import { sendRaw } from '../../../support/raw-http.js';

const NO_ADDON =
  openConnectionAddon() === undefined && 'there is no fovea_connection.node; npm run build:native builds it';
const hello: Route = { ...OPEN_ROUTE, method: 'GET', path: '/hello', respond: () => jsonReply({}) };
const body: Route = {
  ...OPEN_ROUTE,
  method: 'POST',
  path: '/body',
  body: { mediaTypes: ['text/plain'], maxBytes: 10 },
  respond: () => jsonReply({}),
};
const GROUPS = [{ prefix: '', errorReply, routes: [hello, body] }];
const GET = 'GET /hello HTTP/1.1\r\nHost: x\r\n\r\n';

t.test('an idle connection lives as long as it was told, not 10 s', { skip: NO_ADDON }, async (t) => {
  const { port } = await openFront(t, GROUPS, { keepAliveTimeoutMs: 4000 });
  const begin = performance.now();
  const { text, isClosed } = await sendRaw(port, GET, 20_000);
  const seconds = (performance.now() - begin) / 1000;
  t.match(text, /^Keep-Alive: timeout=4\r$/m);
  t.ok(isClosed);
  t.ok(seconds >= 4 && seconds < 9.5, `${seconds} s`);
});

t.test('the expectation is met in every spelling', { skip: NO_ADDON }, async (t) => {
  const { port } = await openFront(t, GROUPS);
  for (const expect of ['100-continue', '100-Continue']) {
    const head = `POST /body HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nExpect: ${expect}\r\n`;
    const { statuses } = await sendRaw(port, `${head}Content-Length: 3\r\n\r\n`);
    t.same(statuses, [100], expect);
  }
});

t.test('an answer that closes its connection says nothing of keeping it', async (t) => {
  const { port } = await openFront(t, GROUPS);
  const chunked = `POST /body HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const { text } = await sendRaw(port, `${chunked}1\r\na\r\n0\r\n\r\n`);
  t.notMatch(text, /Keep-Alive/);
  t.match(text, /^Connection: close\r$/m);
});
