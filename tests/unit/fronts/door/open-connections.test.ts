import { connect } from 'node:net';
import t from 'tap';
import { parseNetworks } from '../../../../src/fronts/door/client.js';
import { OpenConnections } from '../../../../src/fronts/door/open-connections.js';
import { errorReply } from '../../../../src/fronts/http/reply.js';
import { openFront } from '../../../support/open-front.js';
import { sendRaw } from '../../../support/raw-http.js';

t.test('one address takes its share, others still connect, proxies take all', async (t) => {
  const connections = new OpenConnections({
    maxConnections: 6,
    maxClientSharePercent: 50,
    trustedProxies: parseNetworks('10.0.0.0/8'),
  });
  for (let socket = 0; socket < 3; socket++) t.notOk(connections.opened(socket, '192.0.2.1'));
  t.ok(connections.opened(3, '192.0.2.1'));
  connections.closed(3);
  for (let socket = 4; socket < 7; socket++) t.notOk(connections.opened(socket, '10.0.0.1'));
  t.ok(connections.opened(7, '2001:db8::1'), 'beyond the limit of all');
  t.equal(connections.total, 7);
  connections.closed(7);
  connections.closed(6);
  t.ok(connections.opened(8, '192.0.2.1'));
  connections.closed(8);
  t.equal(connections.peerOf(0), '192.0.2.1');
  connections.closed(0);
  t.equal(connections.peerOf(0), undefined, 'a closed socket has no peer');
  t.notOk(connections.opened(9, '192.0.2.1'), 'there is room again');
});

t.test(
  'a WebSocket stays counted until it closes, also when its number passes to another socket',
  async (t) => {
    const connections = new OpenConnections({
      maxConnections: 4,
      maxClientSharePercent: 50,
      trustedProxies: [],
    });
    connections.opened(1, '192.0.2.1');
    const close = connections.upgraded(1);
    t.notOk(connections.opened(1, '192.0.2.2'), 'the number is used again');
    connections.closed(1);
    t.equal(connections.total, 1);
    t.equal(connections.peerOf(1), undefined);
    t.notOk(connections.opened(2, '192.0.2.1'));
    t.ok(connections.opened(3, '192.0.2.1'), 'the WebSocket and one connection are its share');
    connections.closed(3);
    close();
    t.equal(connections.total, 1);
    t.notOk(connections.opened(4, '192.0.2.1'));
  },
);

t.test('a connection beyond the limit is closed, and there is room again when one ends', async (t) => {
  const GET = 'GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n';
  const { port } = await openFront(t, [{ prefix: '', errorReply, routes: [] }], { maxConnections: 1 });
  const held = connect(port, '127.0.0.1');
  await new Promise((resolve) => held.once('connect', resolve));
  const refused = await sendRaw(port, GET).catch(() => undefined);
  t.ok(refused === undefined || (refused.isClosed && refused.statuses.length === 0));
  held.destroy();
  let statuses: readonly number[] = [];
  while (statuses.length === 0) statuses = (await sendRaw(port, GET).catch(() => undefined))?.statuses ?? [];
  t.same(statuses, [404]);
});
