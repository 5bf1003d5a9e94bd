import { text } from 'node:stream/consumers';
import t from 'tap';
import { openConnectionAddon } from '../../../../native/connection.js';
import { errorReply, jsonReply } from '../../../../src/fronts/http/reply.js';
import type { Route } from '../../../../src/fronts/http/route.js';
import { OPEN_ROUTE, openFront } from '../../../support/open-front.js';
import { sendInParts, sendRaw } from '../../../support/raw-http.js';

const NO_ADDON =
  openConnectionAddon() === undefined && 'there is no fovea_connection.node; npm run build:native builds it';

/** A request that must never be answered: a proxy has taken it for part of the body. */
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';

function routes(seen: string[]): Route[] {
  return [
    {
      ...OPEN_ROUTE,
      method: 'POST',
      path: '/body',
      body: { mediaTypes: [''], maxBytes: 100 },
      respond: ({ body }) => {
        seen.push(body.toString());
        return jsonReply({ body: body.toString() });
      },
    },
    {
      ...OPEN_ROUTE,
      method: 'POST',
      path: '/stream',
      body: { mediaTypes: [''], maxBytes: 100, isStreamed: true },
      respond: async ({ bodyStream }) => {
        seen.push(await text(bodyStream));
        return jsonReply({});
      },
    },
    {
      ...OPEN_ROUTE,
      method: 'GET',
      path: '/smuggled',
      respond: () => {
        seen.push('smuggled');
        return jsonReply({});
      },
    },
    {
      ...OPEN_ROUTE,
      method: 'GET',
      path: '/named/:name',
      respond: ({ parameters }) => jsonReply(parameters),
    },
  ];
}

t.test('requests whose end or sender is ambiguous are refused, and the connection is closed', async (t) => {
  const seen: string[] = [];
  const { port } = await openFront(t, [{ prefix: '', errorReply, routes: routes(seen) }]);
  const refused = {
    'two Content-Length lines': 'Content-Length: 3\r\nContent-Length: 5\r\n\r\nabc',
    'the same length twice': 'Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc',
    'an empty Content-Length': 'Content-Length: \r\n\r\n',
    'another transfer coding': 'Transfer-Encoding: gzip\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    'chunked twice': 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    'an empty Transfer-Encoding': 'Transfer-Encoding: \r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    'two hosts': 'Host: y\r\nContent-Length: 3\r\n\r\nabc',
    'two keys': 'Authorization: Bearer a\r\nAuthorization: Bearer b\r\nContent-Length: 3\r\n\r\nabc',
    'a signed Content-Length': 'Content-Length: +3\r\n\r\nabc',
    'both lengths': 'Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    'chunks without hexadecimal length': 'Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n',
  };
  for (const [what, text] of Object.entries(refused)) {
    const head = 'POST /body HTTP/1.1\r\nHost: x\r\n';
    const { statuses, isClosed } = await sendRaw(port, `${head}${text}${SMUGGLED}`);
    t.same(statuses, [400], what);
    t.ok(isClosed, what);
  }
  t.same(seen, []);
});

t.test('a refusal is in our form, whatever the method', async (t) => {
  const { port, failures } = await openFront(t, [{ prefix: '', errorReply, routes: routes([]) }]);
  const lines = 'Host: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n';
  const { text } = await sendRaw(port, `GET /smuggled HTTP/1.1\r\n${lines}`);
  t.match(JSON.parse(text.slice(text.indexOf('\r\n\r\n'))), { code: 'bad_request' });
  t.match(text, /^Connection: close\r$/m);
  const head = await sendRaw(port, `HEAD /smuggled HTTP/1.1\r\n${lines}${SMUGGLED}`);
  t.same([head.statuses, head.isClosed], [[], true], 'HEAD has no body that would flush the answer');
  t.same(failures, ['bad_request', 'bad_request']);
});

t.test('bytes behind a chunked body are never taken for a request', async (t) => {
  const seen: string[] = [];
  const { port } = await openFront(t, [{ prefix: '', errorReply, routes: routes(seen) }]);
  for (const path of ['/body', '/smuggled', '/nowhere']) {
    // uWebSockets.js takes these lines without CR for chunks; a proxy may take them for something else.
    const text = `POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n\n`;
    const { isClosed, statuses } = await sendRaw(port, text + SMUGGLED);
    t.ok(isClosed, path);
    t.ok(statuses.length <= 1, path);
  }
  t.notOk(seen.includes('smuggled'));
});

t.test('a chunk without a proper size line is refused', { skip: NO_ADDON }, async (t) => {
  const seen: string[] = [];
  const { port } = await openFront(t, [{ prefix: '', errorReply, routes: routes(seen) }]);
  const refused = {
    'chunks in LF': '3\nabc\n0\n\n',
    'one size line in LF': '3\nabc\r\n0\r\n\r\n',
    'a chunk extension': '3;a=b\r\nabc\r\n0\r\n\r\n',
    'a space behind the size': '3 \r\nabc\r\n0\r\n\r\n',
  };
  const headers = 'HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
  for (const path of ['/body', '/stream']) {
    for (const [what, chunks] of Object.entries(refused)) {
      const answer = await sendRaw(port, `POST ${path} ${headers}${chunks}`, 1500);
      t.match(answer, { statuses: [400], isClosed: true }, `${path}: ${what}`);
      t.match(answer.text, /hexadecimal digits and CRLF/, what);
    }
    const { isClosed, statuses } = await sendRaw(
      port,
      `POST ${path} ${headers}3\nabc\n2\nde\n0\n\n${SMUGGLED}`,
      1500,
    );
    t.ok(isClosed && !statuses.includes(200), 'uWebSockets.js may end the connection first');
  }
  t.same(seen, []);
  const split = await sendInParts(port, [
    'POST /body HTTP/1.1\r\nHost: x\r\nTransfer-',
    'Encoding: chunked\r\n\r',
    '\n3\nabc\n0\n\n',
  ]);
  t.same(split.statuses, [400], 'the head came in parts');
  const later = [
    'POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n',
    '3\r\n',
    'a',
    'bc\r\n0\r\n\r\n',
  ];
  t.same((await sendInParts(port, later)).statuses, [200], 'a proper line that came before its chunk');
});

t.test('a well-formed chunked body is read, and its connection closed', async (t) => {
  const { port } = await openFront(t, [{ prefix: '', errorReply, routes: routes([]) }]);
  const text = 'POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n';
  const answer = await sendRaw(port, text);
  t.match(answer, { statuses: [200], isClosed: true });
  t.match(answer.text, /\{"body":"abc"\}$/);
});

t.test('parameters in the path are decoded', async (t) => {
  const { url } = await openFront(t, [{ prefix: '', errorReply, routes: routes([]) }]);
  for (const [sent, name] of [
    ['a%2Db', 'a-b'],
    ['a%20%C3%BC', 'a ü'],
    ['%zz', '%zz'],
  ]) {
    t.same(await (await fetch(`${url}/named/${sent}`)).json(), { name });
  }
});
