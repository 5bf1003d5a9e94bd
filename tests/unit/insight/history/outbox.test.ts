import t from 'tap';
import type { RowGroup } from '../../../../src/insight/history/group.js';
import { MAX_GROUP_ROWS, Outbox, type OutboxOptions } from '../../../../src/insight/history/outbox.js';
import type { WriteRequest } from '../../../../src/insight/history/requests.js';
import { FoveaError } from '../../../../src/platform/errors.js';
import { ANIMALS, samplePrediction, samplePredictions } from '../../../support/predictions.js';

const STATE = { added_rows: 0, stored_rows: 0, wal_bytes: 0, upkeep_problem: null };

/** An outbox whose groups are settled by hand. */
function openOutbox(changes: Partial<OutboxOptions> = {}) {
  const groups: {
    group: RowGroup;
    commit: (upkeepProblem?: string) => void;
    fail: (error: Error) => void;
  }[] = [];
  const problems: string[] = [];
  const lost: [string, number][] = [];
  const states: (string | undefined)[] = [];
  const probes: { works: () => void; fails: (error: Error) => void }[] = [];
  const ask = (request: WriteRequest): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (request.do === 'probe') {
        probes.push({ works: () => resolve(STATE), fails: reject });
        return;
      }
      if (request.do !== 'write') throw new Error('An outbox only writes.');
      const { group } = request;
      const commit = (upkeepProblem: string | null = null): void =>
        resolve({ added_rows: group.rows, stored_rows: 5, wal_bytes: 9, upkeep_problem: upkeepProblem });
      groups.push({ group, commit, fail: reject });
    });
  const outbox = new Outbox({
    write: ask,
    durability: 'relaxed',
    maxQueuedRows: 10_000,
    state: STATE,
    onProblem: ({ message }) => problems.push(message),
    onLost: ({ code }, rows) => lost.push([code, rows]),
    onState: (failure) => states.push(failure?.code),
    probeMs: 1,
    ...changes,
  });
  return { outbox, groups, problems, lost, states, probes };
}

/** Lets promises settle. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function untilGroups(groups: readonly unknown[], count: number): Promise<void> {
  while (groups.length < count) await settle();
}

t.test('a full group leaves at once, a smaller one after a while', async (t) => {
  const { outbox, groups } = openOutbox();
  for (const row of samplePredictions(MAX_GROUP_ROWS - 1)) outbox.add(row);
  t.equal(groups.length, 0);
  outbox.add(samplePrediction(1000));
  t.equal(groups.length, 1);
  outbox.add(samplePrediction(1001));
  t.equal(groups.length, 1);
  await untilGroups(groups, 2);
  t.same(
    groups.map(({ group }) => group.rows),
    [MAX_GROUP_ROWS, 1],
  );
});

t.test('rows that find no room are counted and dropped; there is room again after a commit', async (t) => {
  const { outbox, groups } = openOutbox({ maxQueuedRows: MAX_GROUP_ROWS });
  for (const row of samplePredictions(MAX_GROUP_ROWS + 5)) t.equal(outbox.add(row), undefined);
  t.match(outbox, { queuedRows: MAX_GROUP_ROWS, droppedRows: 5 });
  groups[0]?.commit();
  await settle();
  t.match(outbox, { queuedRows: 0, writtenRows: MAX_GROUP_ROWS, storedRows: 5, walBytes: 9 });
  outbox.add(samplePrediction(0));
  t.match(outbox, { queuedRows: 1, droppedRows: 5 });
  outbox.flush();
});

t.test('strict rows that find no room are overloaded', async (t) => {
  const { outbox, groups } = openOutbox({ durability: 'strict', maxQueuedRows: 1 });
  const first = outbox.add(samplePrediction(0));
  await t.rejects(Promise.resolve(outbox.add(samplePrediction(1))), { code: 'overloaded' });
  t.equal(outbox.droppedRows, 1);
  await untilGroups(groups, 1);
  groups[0]?.commit();
  await first;
});

t.test('a strict row settles with its group, not before', async (t) => {
  const { outbox, groups } = openOutbox({ durability: 'strict' });
  let isSettled = false;
  const first = outbox.add(samplePrediction(0))?.then(() => {
    isSettled = true;
  });
  await untilGroups(groups, 1);
  const second = outbox.add(samplePrediction(1));
  await settle();
  t.notOk(isSettled);
  groups[0]?.commit();
  await first;
  // What came in the meantime leaves as soon as the writer is free.
  await untilGroups(groups, 2);
  groups[1]?.fail(new FoveaError('history_failed', 'The disk is full.'));
  await t.rejects(Promise.resolve(second), { code: 'history_failed' });
});

t.test('lost rows are reported with their number, at once and then at most once an interval', async (t) => {
  const { outbox, groups, lost } = openOutbox({ maxQueuedRows: MAX_GROUP_ROWS, probeMs: 60_000 });
  for (const row of samplePredictions(MAX_GROUP_ROWS + 7)) outbox.add(row);
  t.same(lost, [['overloaded', 1]]);
  groups[0]?.fail(new FoveaError('disk_full', 'Full.'));
  await settle();
  t.match(outbox, { droppedRows: 7, failedRows: MAX_GROUP_ROWS });
  t.equal(lost.length, 1);
  outbox.close();
  t.same(lost[1], ['disk_full', 6 + MAX_GROUP_ROWS]);
});

t.test('while writing fails, probes find out without a row that it works again', async (t) => {
  const { outbox, groups, states, probes } = openOutbox();
  outbox.add(samplePrediction(0));
  outbox.flush();
  groups[0]?.fail(new FoveaError('disk_full', 'Full.'));
  await untilGroups(probes, 1);
  probes[0]?.fails(new FoveaError('disk_full', 'Full.'));
  await untilGroups(probes, 2);
  t.same(states, ['disk_full']);
  probes[1]?.works();
  await settle();
  t.same(states, ['disk_full', undefined]);
});

t.test(
  'kept rows wait for a failure to pass, oldest first; strict rows and other failures do not',
  async (t) => {
    const away = new FoveaError('database_unavailable', 'Away.');
    const keepsRows = ({ code }: FoveaError) => code === away.code;
    const { outbox, groups, probes, states } = openOutbox({ keepsRows, maxQueuedRows: 3 });
    const send = (number: number): void => {
      outbox.add(samplePrediction(number));
      outbox.flush();
    };
    send(0);
    groups[0]?.fail(away);
    await settle();
    for (const number of [1, 2, 3]) send(number);
    t.match(outbox, { queuedRows: 3, droppedRows: 1, failedRows: 0 });
    t.equal(groups.length, 1, 'nothing is sent meanwhile');
    await untilGroups(probes, 1);
    probes[0]?.works();
    await untilGroups(groups, 4);
    t.same(
      groups.slice(1).map(({ group }) => group.texts[0]),
      [0, 1, 2].map((number) => samplePrediction(number).id),
    );
    groups[1]?.commit();
    groups[2]?.fail(new FoveaError('history_failed', 'Refused.'));
    groups[3]?.fail(away);
    await settle();
    t.match(outbox, { queuedRows: 1, writtenRows: 1, failedRows: 1 });
    outbox.close();
    t.match(outbox, { queuedRows: 0, failedRows: 2 }, 'the end gives them up');
    t.same(states.slice(0, 2), ['database_unavailable', undefined]);

    const strict = openOutbox({ keepsRows, durability: 'strict' });
    const written = strict.outbox.add(samplePrediction(0));
    await untilGroups(strict.groups, 1);
    strict.groups[0]?.fail(away);
    await t.rejects(Promise.resolve(written), { code: 'database_unavailable' });
    strict.outbox.close();
  },
);

t.test('a history that could not be opened is probed until it can', async (t) => {
  const { outbox, states, probes } = openOutbox({ failure: new FoveaError('disk_full', 'Full.') });
  await untilGroups(probes, 1);
  probes[0]?.works();
  await settle();
  t.same(states, ['disk_full', undefined]);
  outbox.close();
});

t.test('a problem is told once, until it is over or another one', async (t) => {
  const { outbox, groups, problems } = openOutbox();
  const send = async (end: (group: (typeof groups)[number]) => void): Promise<void> => {
    outbox.add(samplePrediction(0));
    outbox.flush();
    const group = groups.at(-1);
    if (group !== undefined) end(group);
    await settle();
  };
  const full = new FoveaError('history_failed', 'The disk is full.');
  await send(({ fail }) => fail(full));
  await send(({ fail }) => fail(full));
  t.same(problems, ['The disk is full.']);
  await send(({ commit }) => commit());
  await send(({ fail }) => fail(full));
  t.equal(problems.length, 2);
  await send(({ commit }) => commit('no space'));
  t.match(problems[2], /no space/);
  t.match(outbox, { failedRows: 3, writtenRows: 2, queuedRows: 0 });
});

t.test('labels of a version travel once', async (t) => {
  const { outbox, groups } = openOutbox();
  const copy = { ...ANIMALS, labels: [...ANIMALS.labels] };
  for (const version of [ANIMALS, { ...ANIMALS, version: 2 }, copy, ANIMALS]) {
    outbox.add(samplePrediction(0, { version }));
    outbox.flush();
  }
  t.same(
    groups.map(({ group }) => group.newVersions.length),
    [1, 1, 0, 0],
  );
  t.same(
    groups.map(({ group }) => group.numbers[0]),
    [0, 1, 0, 0],
  );
});

t.test(
  'whenWritten sends what was gathered and settles with the last commit, also one that fails',
  async (t) => {
    const { outbox, groups } = openOutbox();
    await outbox.whenWritten();
    outbox.add(samplePrediction(1));
    let isWritten = false;
    const written = outbox.whenWritten().then(() => {
      isWritten = true;
    });
    outbox.add(samplePrediction(2));
    const later = outbox.whenWritten();
    t.equal(groups.length, 2);
    groups[0]?.commit();
    await settle();
    t.notOk(isWritten);
    groups[1]?.fail(new Error('disk full'));
    await Promise.all([written, later]);
    t.equal(outbox.queuedRows, 0);
  },
);
