import { once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import { errorReply, jsonReply } from '../../../../src/fronts/http/reply.js';
import type { Route, RouteGroup } from '../../../../src/fronts/http/route.js';
import { FoveaError } from '../../../../src/platform/errors.js';
import type { Principal } from '../../../../src/serving/call.js';
import { ServiceState } from '../../../../src/serving/service-state.js';
import { OPEN_ROUTE, openFront } from '../../../support/open-front.js';

const common = { summary: '', answer: undefined, limit: undefined, needsModel: false } as const;

const ours: RouteGroup = {
  prefix: '',
  errorReply,
  routes: [
    {
      ...common,
      method: 'GET',
      path: '/api/fails',
      access: 'open',
      respond: () => Promise.reject(new FoveaError('overloaded', 'Too much.')),
    },
  ],
};

/** Another protocol: statuses and bodies of its own. */
function other(routes: readonly Partial<Route>[]): RouteGroup {
  return {
    prefix: '/v2',
    errorReply: ({ code, message }, { id }) =>
      jsonReply({ error: `${message} (${id})` }, [], code === 'overloaded' ? 429 : 400),
    routes: routes.map((route) => ({
      ...common,
      method: 'GET',
      path: '/v2/fails',
      access: 'open',
      respond: () => Promise.reject(new FoveaError('overloaded', 'Too much.')),
      ...route,
    })),
  };
}

/** Parts without end. `ended` resolves when the reader gives up. */
function endless(): { readonly source: AsyncIterable<string>; readonly ended: Promise<void> } {
  let end: () => void;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  async function* source(): AsyncGenerator<string> {
    try {
      for (;;) yield 'x'.repeat(100_000);
    } finally {
      end();
    }
  }
  return { source: source(), ended };
}

t.test('each group of routes answers errors in its own style, with the headers of HTTP', async (t) => {
  const { url } = await openFront(t, [
    ours,
    other([{}, { method: 'POST', path: '/v2/model', needsModel: true }]),
  ]);
  const get = (path: string, method = 'GET'): Promise<Response> =>
    fetch(url + path, { method, headers: { 'X-Request-Id': 'mine' } });

  const failed = await get('/v2/fails');
  t.equal(failed.status, 429);
  t.equal(failed.headers.get('retry-after'), '1');
  t.equal(failed.headers.get('x-request-id'), 'mine');
  t.same(await failed.json(), { error: 'Too much. (mine)' });

  const own = await get('/api/fails');
  t.equal(own.status, 503);
  t.same(await own.json(), { error: 'Too much.', code: 'overloaded', details: {}, request_id: 'mine' });

  t.test('a path that it does not have, and a method', async (t) => {
    const missing = await get('/v2/nothing/here');
    t.equal(missing.status, 400);
    t.same(await missing.json(), { error: 'There is nothing at this path. (mine)' });
    const wrong = await get('/v2/fails', 'DELETE');
    t.equal(wrong.status, 400);
    t.equal(wrong.headers.get('allow'), 'GET, HEAD');
    t.match(await (await get('/nothing')).json(), { code: 'not_found' });
    t.match(await (await get('/api/fails', 'POST')).json(), { code: 'method_not_allowed' });
  });

  t.test('a refusal before the route', async (t) => {
    const refused = await get('/v2/model', 'POST');
    t.equal(refused.status, 400);
    t.equal(refused.headers.get('retry-after'), '5');
    t.match(await refused.json(), { error: /being loaded.* \(mine\)$/ });
  });
});

t.test('a route sees who calls: an address, and its hash', async (t) => {
  let client: Principal | undefined;
  const respond: Route['respond'] = (request) => {
    ({ client } = request);
    return jsonReply({});
  };
  const { url } = await openFront(t, [other([{ path: '/v2/who', respond }])]);
  await fetch(`${url}/v2/who`);
  t.match(client, { name: '127.0.0.1', role: 'anonymous' });
  t.equal(client?.hash, 'hash of 127.0.0.1');
});

t.test('a streamed answer that closes its connection is whole', async (t) => {
  async function* parts(): AsyncGenerator<string> {
    yield 'one ';
    yield 'two';
  }
  const stream: Route['respond'] = () => ({ status: 200, headers: [], parts: parts() });
  const state = new ServiceState('1');
  state.leave();
  const { url } = await openFront(t, [other([{ path: '/v2/stream', respond: stream }])], { state });
  const response = await fetch(`${url}/v2/stream`);
  t.equal(response.headers.get('connection'), 'close');
  t.equal(await response.text(), 'one two');
});

t.test('a streamed answer whose client reads too slowly ends, and its source with it', async (t) => {
  const parts = endless();
  const { port, failures, admission } = await openFront(
    t,
    [
      {
        prefix: '',
        errorReply,
        routes: [
          {
            ...OPEN_ROUTE,
            method: 'GET',
            path: '/api/stream',
            respond: () => ({ status: 200, headers: [], parts: parts.source }),
          },
        ],
      },
    ],
    { minAnswerBytesPerSecond: 1_000_000_000, answerWindowMs: 1 },
  );
  const socket = connect(port, '127.0.0.1').pause();
  const closed = once(socket, 'close');
  socket.on('error', () => undefined);
  socket.write('GET /api/stream HTTP/1.1\r\nHost: x\r\n\r\n');
  await parts.ended;
  await admission.whenIdle();
  socket.resume();
  await closed;
  t.same(failures, ['request_timeout']);
});

t.test('drain settles once the requests inside are answered', async (t) => {
  let finish: () => void = () => undefined;
  const inside = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let enter: () => void = () => undefined;
  const entered = new Promise<void>((resolve) => {
    enter = resolve;
  });
  const route: Partial<Route> = {
    method: 'POST',
    path: '/v2/slow',
    body: { mediaTypes: ['text/plain'], maxBytes: 100 },
    respond: async () => {
      enter();
      await inside;
      return jsonReply({});
    },
  };
  const { url, front } = await openFront(t, [other([route])]);
  await front.drain();
  const answer = fetch(`${url}/v2/slow`, {
    method: 'POST',
    body: 'x',
    headers: { 'Content-Type': 'text/plain' },
  });
  await entered;
  let isDrained = false;
  const drained = front.drain().then(() => {
    isDrained = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  t.notOk(isDrained);
  finish();
  await drained;
  t.equal((await answer).status, 200);
});
