import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import type { AskState } from '../../../../src/learning/state/state-calls.js';
import { WatchedCalls } from '../../../../src/learning/state/watched-calls.js';
import { FoveaError } from '../../../../src/platform/errors.js';

t.test(
  'a failing database shows until each failed call has succeeded, and recovery needs no client',
  async (t) => {
    const events: string[] = [];
    let code: 'state_failed' | 'state_damaged' | 'dataset_invalid' | undefined = 'state_failed';
    const ask: AskState = async () => {
      if (code !== undefined) throw new FoveaError(code, 'It failed.');
      throw new FoveaError('not_found', 'An answer about content: the database works.');
    };
    const calls = new WatchedCalls({
      ask,
      onFailure: (part, error) => events.push(`${part} ${error.code}`),
      onRecovery: (part) => events.push(`${part} recovered`),
      retryMs: 1,
    });
    t.teardown(() => calls.close());

    await t.rejects(calls.ask('newestEvaluations', { limit: 1 }), { code: 'state_failed' });
    await t.rejects(calls.ask('catalogueBytes', null), { code: 'state_failed' });
    t.same(events.slice(0, 2), ['evaluations state_failed', 'catalogue state_failed']);
    code = 'dataset_invalid';
    while (!events.includes('evaluations recovered') || !events.includes('catalogue recovered'))
      await nextTurn();
    t.equal(events.filter((event) => event.endsWith('recovered')).length, 2);
  },
);

t.test('a read that works does not hide that rows cannot be saved', async (t) => {
  const events: string[] = [];
  const ask: AskState = async (name) => {
    throw name === 'saveJob'
      ? new FoveaError('state_failed', 'attempt to write a readonly database')
      : new FoveaError('not_found', 'An answer about content: the database works.');
  };
  const calls = new WatchedCalls({
    ask,
    onFailure: (part) => events.push(part),
    onRecovery: (part) => events.push(`${part} recovered`),
  });
  t.teardown(() => calls.close());
  const saveJob = (): Promise<unknown> => Reflect.apply(calls.ask, calls, ['saveJob', {}]);
  await t.rejects(saveJob());
  await t.rejects(calls.ask('newestJobs', { limit: 1 }), { code: 'not_found' });
  t.same(events, ['trainings']);
});
