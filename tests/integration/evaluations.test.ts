import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { errorOf } from '../support/answers.js';
import {
  evaluate,
  evaluationEnvironment,
  evaluationsOf,
  runningId,
  summaryOf,
} from '../support/evaluations.js';
import { operatorFetch } from '../support/operator.js';
import { startServer } from '../support/running-server.js';

/** The tests share the first server; the second one continues in its state directory. */
const env = await evaluationEnvironment(t.testdir());
const first = await startServer(t, env);

t.test('wrong wishes and bad data are told', async (t) => {
  const { url } = first;
  const refused = await errorOf(await evaluate(url, { limit: 0, split: 'all', data: '/etc', images: 3 }));
  t.match(refused, {
    status: 400,
    code: 'bad_request',
    details: { problems: [/data/, /split/, /limit/, /images/] },
  });
  t.match(await errorOf(await evaluate(url, undefined, '?wait=perhaps')), {
    status: 400,
    code: 'bad_request',
  });
  t.match(await errorOf(await evaluate(url, { version: 9 })), { status: 404, code: 'not_found' });
  t.match(await errorOf(await evaluate(url, { model: '../../etc' })), { status: 404, code: 'not_found' });
  t.match(await errorOf(await fetch(`${url}/api/evaluations/none`)), { status: 404, code: 'not_found' });
  t.match(await errorOf(await fetch(`${url}/api/evaluations?limit=0`)), { status: 400, code: 'bad_request' });
  const plain = { method: 'POST', body: 'x', headers: { 'Content-Type': 'text/plain' } };
  t.match(await errorOf(await operatorFetch(`${url}/api/model/evaluate`, plain)), { status: 415 });
  const { FOVEA_TRAINING_DATA: data = '' } = env;
  await rename(join(data, 'test'), join(data, 'hidden'));
  t.match(await errorOf(await evaluate(url)), { status: 422, code: 'dataset_invalid' });
  await rename(join(data, 'hidden'), join(data, 'test'));
  t.match(await (await fetch(`${url}/api/evaluations`)).json(), {
    running: null,
    evaluations: [{ state: 'failed', error: { code: 'dataset_invalid' } }],
  });
});

t.test('an evaluation can be cancelled, and whoever waits for it is told', async (t) => {
  const { url } = first;
  const waiting = evaluate(url);
  const id = await runningId(url);
  t.equal((await operatorFetch(`${url}/api/evaluations/${id}`, { method: 'DELETE' })).status, 202);
  t.match(await errorOf(await waiting), { status: 409, code: 'evaluation_cancelled' });
  t.match(await summaryOf(url, id), {
    state: 'cancelled',
    result: null,
    error: { code: 'evaluation_cancelled' },
  });
  const again = await operatorFetch(`${url}/api/evaluations/${id}`, { method: 'DELETE' });
  t.match(await errorOf(again), { status: 404, code: 'not_found' });
});

t.test('a server that shuts down ends it and says so, now and to the next server', async (t) => {
  const measured = await evaluate(first.url, { limit: 9 });
  t.equal(measured.status, 200);
  const waiting = evaluate(first.url, {});
  const id = await runningId(first.url);
  t.equal(await first.app.drain(), true);
  t.match(await errorOf(await waiting), { status: 503, code: 'draining' });
  await first.app.close();
  const { url } = await startServer(t, { ...env, FOVEA_REQUEST_TIMEOUT_MS: '100' });
  t.match(await summaryOf(url, id), { state: 'interrupted' });
  const { evaluations } = await evaluationsOf(url);
  t.same(
    evaluations.map(({ state, version, images }) => [state, version, images]),
    [
      ['interrupted', 4, null],
      ['succeeded', 4, 9],
      ['cancelled', 4, null],
      ['failed', 4, null],
    ],
    'results outlive the server',
  );
  t.equal((await evaluate(url, {})).status, 200, 'the deadline of predictions is another');
});

t.test('one that takes too long is ended; the evaluations of a client are limited', async (t) => {
  const limited = { ...(await evaluationEnvironment(t.testdir())), FOVEA_RATE_LIMIT_EVALUATE: '5/h' };
  // No process starts and loads a model in this time.
  const { url } = await startServer(t, { ...limited, FOVEA_EVALUATION_TIMEOUT_MS: '100' });
  t.match(await errorOf(await evaluate(url, {})), { status: 504, code: 'deadline_exceeded' });
  t.match(await evaluationsOf(url), { evaluations: [{ state: 'failed' }] });
  const statuses: number[] = [];
  for (let request = 0; request < 5; request++) statuses.push((await evaluate(url, { version: 9 })).status);
  t.same(statuses, [404, 404, 404, 404, 429]);
});
