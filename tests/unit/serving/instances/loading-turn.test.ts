import { test } from 'tap';
import { freeLostTurn, inTurn, newLoadingTurn } from '../../../../src/serving/instances/loading-turn.js';

/* The turn is of threads: here one thread stands for two, and the number of another thread in the memory for a third one. */

test('a load waits for the one before it, and is next after one that failed', async (t) => {
  const turn = newLoadingTurn();
  const events: string[] = [];
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const failing = inTurn(turn, async () => {
    events.push('first');
    await finished;
    throw new Error('damaged');
  });
  const second = inTurn(turn, async () => events.push('second'));
  t.strictSame(events, ['first']);
  finish();
  await t.rejects(failing, /damaged/);
  await second;
  t.strictSame(events, ['first', 'second']);
});

test('a load that hangs holds up nobody for good, and its turn stays its own', async (t) => {
  const turn = newLoadingTurn();
  const holder = new Int32Array(turn);
  holder[0] = 77;
  t.equal(await inTurn(turn, async () => 'loaded', 1), 'loaded');
  t.equal(holder[0], 77);
});

test('the turn of a thread that ended in it is freed, and no other', async (t) => {
  const turn = newLoadingTurn();
  const holder = new Int32Array(turn);
  holder[0] = 77;
  freeLostTurn(turn, [75, 76]);
  t.equal(holder[0], 77, 'thread 76 has the turn');
  freeLostTurn(turn, [75]);
  t.equal(await inTurn(turn, async () => 'loaded', 60_000), 'loaded');
  freeLostTurn(turn, []);
  t.equal(holder[0], 0);
});
