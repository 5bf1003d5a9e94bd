import t from 'tap';
import { TurnQueue } from '../../../../src/serving/decoding/turn-queue.js';

/** A queue of 2 ms a turn whose turns end by hand. */
function rig() {
  let endTurn: (() => void) | undefined;
  const queue = new TurnQueue(2, (call) => {
    endTurn = call;
  });
  const nextTurn = (): void => {
    const end = endTurn;
    endTurn = undefined;
    end?.();
  };
  return { queue, nextTurn };
}

t.test('jobs run in order, as many a turn as its time allows', async (t) => {
  const { queue, nextTurn } = rig();
  t.ok(queue.isOpen);
  queue.spend(2);
  t.notOk(queue.isOpen);
  const ran: number[] = [];
  const jobs = [1, 2, 3, 4].map((job) =>
    queue.wait(() => {
      ran.push(job);
      queue.spend(1);
      return job;
    }),
  );
  t.equal(queue.length, 4);
  t.same(ran, [], 'no job runs in the turn that is spent');
  nextTurn();
  t.same(ran, [1, 2]);
  t.notOk(queue.isOpen, 'a new job may not overtake those that wait');
  nextTurn();
  t.same(ran, [1, 2, 3, 4]);
  t.same(await Promise.all(jobs), [1, 2, 3, 4]);
  nextTurn();
  t.ok(queue.isOpen);
});

t.test('a job that fails rejects its own promise only', async (t) => {
  const { queue, nextTurn } = rig();
  const bad = queue.wait(() => {
    throw new Error('bad');
  });
  const good = queue.wait(() => 'good');
  nextTurn();
  await t.rejects(bad, { message: 'bad' });
  t.equal(await good, 'good');
});

t.test('with the system’s turns the event loop runs in between', async (t) => {
  const queue = new TurnQueue(1);
  let turns = 0;
  const timer = setImmediate(function count() {
    turns += 1;
    if (turns < 100) setImmediate(count);
  });
  queue.spend(1);
  await Promise.all(Array.from({ length: 10 }, () => queue.wait(() => queue.spend(1))));
  t.ok(turns >= 10, `${turns} turns`);
  clearImmediate(timer);
});
