import { test } from 'tap';
import { BatcherRig, BROKEN_IMAGE, codeOf } from '../../../support/batching.js';

test('the first image leaves alone and at once, and gets its own answer', async (t) => {
  const rig = new BatcherRig();
  const answer = rig.add(7);
  t.same(rig.left, [{ rows: 1, reason: 'idle' }]);
  rig.clock.advance(3);
  await rig.batch(0).finish();
  const { probabilities, ...rest } = await answer;
  t.same([...probabilities], [7, 1]);
  t.same(rest, { queueMs: 0, decodeMs: undefined, inferenceMs: 5, batchRows: 1 });
});

test('images that arrive together leave together, as many as make a batch efficient', (t) => {
  const one = new BatcherRig({ capacity: 8, saturationRows: 3, isOneTurn: true });
  for (const image of [1, 2]) one.add(image);
  t.same(one.left, []);
  one.clock.endTurn();
  t.same(one.left, [{ rows: 2, reason: 'idle' }]);
  const two = new BatcherRig({ capacity: 8, saturationRows: 2, instances: 2, isOneTurn: true });
  for (const image of [1, 2, 3]) two.add(image);
  t.same(two.left, [
    { rows: 1, reason: 'idle' },
    { rows: 2, reason: 'full' },
  ]);
  t.end();
});

test('a batch that is only next becomes twice as large, and larger while there is no room for it', async (t) => {
  const rig = new BatcherRig({ capacity: 8, saturationRows: 2 });
  for (let image = 0; image < 10; image++) rig.add(image);
  const rows = (): number[] => rig.left.map((batch) => batch.rows);
  t.same(rows(), [1, 4]);
  await rig.batch(0).finish();
  t.same(rows(), [1, 4, 5]);
});

test('each instance takes a batch before any waits', (t) => {
  const rig = new BatcherRig({ instances: 3 });
  for (const image of [1, 2, 3, 4]) rig.add(image);
  t.same(rig.left.length, 3);
  t.equal(rig.batcher.queuedRows, 1);
  t.end();
});

for (const maxQueueDelayMs of [0, 1000]) {
  const delay = `with a delay of ${maxQueueDelayMs} ms`;

  test(`batches of size 1 work ${delay}`, async (t) => {
    const rig = new BatcherRig({ capacity: 1, maxQueueDelayMs });
    const answers = [1, 2, 3].map((image) => rig.add(image));
    t.same(rig.left.length, 2, 'one runs, one is next');
    await rig.batch(0).finish();
    await rig.batch(1).finish();
    await rig.batch(2).finish();
    t.same(await Promise.all(answers.map(async (answer) => (await answer).probabilities[0])), [1, 2, 3]);
  });

  test(`an exactly full batch leaves to be next ${delay}`, (t) => {
    const rig = new BatcherRig({ maxQueueDelayMs });
    rig.add(0);
    for (const image of [1, 2, 3, 4]) rig.add(image);
    if (maxQueueDelayMs > 0) t.same(rig.left.at(-1), { rows: 4, reason: 'full' });
    else t.same(rig.left.at(-1), { rows: 1, reason: 'delay' });
    t.end();
  });

  test(`what overflows a batch goes on the next, in order ${delay}`, async (t) => {
    const rig = new BatcherRig({ maxQueueDelayMs });
    const answers = Array.from({ length: 11 }, (_, image) => rig.add(image));
    for (let index = 0; index < rig.out.length; index++) await rig.batch(index).finish();
    const images = await Promise.all(answers.map(async (answer) => (await answer).probabilities[0]));
    t.same(images, [...images.keys()]);
    t.same(
      rig.out.flatMap((batch) => batch.images),
      images,
    );
    t.ok(rig.out.every((batch) => batch.rows <= 4));
  });
}

test('an incomplete batch leaves when its first image has waited its delay, counted from that image', (t) => {
  const rig = new BatcherRig({ maxQueueDelayMs: 10 });
  rig.add(0);
  rig.add(1);
  rig.clock.advance(6);
  rig.add(2);
  rig.clock.advance(3);
  t.equal(rig.left.length, 1);
  rig.clock.advance(1);
  t.same(rig.left[1], { rows: 2, reason: 'delay' });
  t.end();
});

test('a partial batch leaves as soon as an instance is back', async (t) => {
  const rig = new BatcherRig({ maxQueueDelayMs: 1000 });
  for (const image of [0, 1, 2]) rig.add(image);
  t.equal(rig.left.length, 1);
  await rig.batch(0).finish();
  t.same(rig.left[1], { rows: 2, reason: 'idle' });
});

test('images wait at most one timer long, however many they are, and none when nothing waits', async (t) => {
  const rig = new BatcherRig({ capacity: 64 });
  for (let image = 0; image < 50; image++) rig.add(image, { deadlineMs: 500 - image });
  t.equal(rig.clock.timers, 1);
  await rig.batch(0).finish();
  await rig.batch(1).finish();
  t.equal(rig.clock.timers, 0);
});

test('an image that finds the queue full is refused at once', async (t) => {
  const rig = new BatcherRig({ maxQueueRows: 3, maxQueueDelayMs: 1000 });
  const answers = [0, 1, 2, 3, 4].map((image) => rig.add(image));
  t.equal(await codeOf(answers[4] ?? Promise.resolve()), 'overloaded');
  t.same(rig.unserved, ['overloaded']);
  await rig.batch(0).finish();
  await rig.batch(1).finish();
  t.same(await Promise.all(answers.slice(0, 4).map(codeOf)), ['served', 'served', 'served', 'served']);
  const later = rig.add(5);
  await rig.batch(2).finish();
  t.equal(await codeOf(later), 'served', 'and there is room again');
});

test('a cancelled image is dropped when its batch leaves, its neighbours are not touched', async (t) => {
  const rig = new BatcherRig({ maxQueueDelayMs: 1000 });
  rig.add(0);
  let isCancelled = false;
  const answers = [rig.add(1), rig.add(2, { isCancelled: () => isCancelled }), rig.add(3)];
  isCancelled = true;
  await rig.batch(0).finish();
  await rig.batch(1).finish();
  t.same(await Promise.all(answers.map(codeOf)), ['served', 'cancelled', 'served']);
  t.equal((await answers[2])?.probabilities[0], 3);
});

test('cancelled images at the end of a batch are not run, a batch of nothing else never leaves', async (t) => {
  const rig = new BatcherRig({ capacity: 2, maxQueueDelayMs: 1000 });
  rig.add(0);
  let isCancelled = false;
  const mayCancel = { isCancelled: () => isCancelled };
  rig.add(1);
  rig.add(2);
  const cancelled = [rig.add(3, mayCancel), rig.add(4, mayCancel)];
  const half = rig.add(5);
  rig.add(6, mayCancel);
  isCancelled = true;
  await rig.batch(0).finish();
  await rig.batch(1).finish();
  t.same(await Promise.all(cancelled.map(codeOf)), ['cancelled', 'cancelled']);
  t.same(rig.batch(2).images, [5]);
  await rig.batch(2).finish();
  t.equal(await codeOf(half), 'served');
  t.equal(rig.out.length, 3);
});

test('an image that nobody took before its deadline fails then, without waiting for an instance', async (t) => {
  const rig = new BatcherRig({ capacity: 2, maxQueueDelayMs: 1000 });
  for (const image of [0, 1, 2]) rig.add(image);
  const late = rig.add(3, { deadlineMs: 50 });
  const patient = rig.add(4);
  rig.clock.advance(49);
  t.same(rig.unserved, []);
  rig.clock.advance(1);
  t.same(rig.unserved, ['deadline_exceeded']);
  t.equal(await codeOf(late), 'deadline_exceeded');
  await rig.batch(0).finish();
  await rig.batch(1).finish();
  await rig.batch(2).finish();
  t.equal((await patient).probabilities[0], 4);
});

test('an image whose deadline has passed or whose client has gone never takes a place', async (t) => {
  const rig = new BatcherRig();
  rig.clock.advance(100);
  t.equal(await codeOf(rig.add(1, { deadlineMs: 100 })), 'deadline_exceeded');
  t.equal(await codeOf(rig.add(2, { isCancelled: () => true })), 'cancelled');
  t.equal(rig.out.length, 0);
});

test('a failing question about one image does not touch its neighbours', async (t) => {
  const rig = new BatcherRig({ maxQueueDelayMs: 1000 });
  rig.add(0);
  let isBroken: boolean = false;
  const broken = () => {
    if (isBroken) throw new Error('no socket');
    return false;
  };
  const answers = [rig.add(1), rig.add(2, { isCancelled: broken }), rig.add(3)];
  isBroken = true;
  await rig.batch(0).finish();
  await rig.batch(1).finish();
  t.same(await Promise.all(answers.map(codeOf)), ['served', 'internal', 'served']);
});

test('a batch that fails fails all its images and only them, and its slab is not used again', async (t) => {
  const rig = new BatcherRig({ capacity: 2, maxQueueDelayMs: 1000 });
  const answers = [0, 1, 2, 3].map((image) => rig.add(image));
  await rig.batch(0).fail(new Error('the engine threw'));
  await rig.batch(1).finish();
  await rig.batch(2).finish();
  t.same(await Promise.all(answers.map(codeOf)), ['internal', 'served', 'served', 'served']);
  for (const image of [4, 5, 6]) rig.add(image);
  t.notOk(rig.out.slice(1).some((batch) => batch.slab === rig.batch(0).slab));
  t.ok(
    rig.out.slice(3).some((batch) => batch.slab === rig.batch(1).slab),
    'others are',
  );
});

test('a batch with another number of answers than images serves none of them', async (t) => {
  const rig = new BatcherRig();
  const answer = rig.add(1);
  await rig.batch(0).finish({ rows: 2 });
  t.equal(await codeOf(answer), 'batch_mismatch');
});

test('draining refuses new images, lets those inside finish, and then ends', async (t) => {
  const rig = new BatcherRig({ maxQueueDelayMs: 1000 });
  const inside = [rig.add(1), rig.add(2)];
  let isDrained = false;
  const drained = rig.batcher.drain().then(() => {
    isDrained = true;
  });
  t.equal(await codeOf(rig.add(3)), 'draining');
  await rig.batch(0).finish();
  t.equal(isDrained, false, 'an image still waits');
  await rig.batch(1).finish();
  await drained;
  t.same(await Promise.all(inside.map(codeOf)), ['served', 'served']);
});

test('a batcher without images is drained at once', async (t) => {
  await t.resolves(new BatcherRig().batcher.drain());
});

test('an answer is a copy: the next batch on the same slab does not change it', async (t) => {
  const rig = new BatcherRig();
  const first = rig.add(1);
  await rig.batch(0).finish();
  const second = rig.add(2);
  await rig.batch(1).finish();
  t.equal(rig.batch(0).slab, rig.batch(1).slab);
  t.same([(await first).probabilities[0], (await second).probabilities[0]], [1, 2]);
});

test('an image whose answer is not finite fails alone; its neighbours are served', async (t) => {
  const rig = new BatcherRig({ capacity: 4 });
  rig.add(0);
  const answers = [1, BROKEN_IMAGE, 3].map((image) => rig.add(image));
  await rig.batch(0).finish();
  await rig.batch(1).finish();
  t.same(await Promise.all(answers.map(codeOf)), ['served', 'engine_failed', 'served']);
  t.same(rig.unserved, ['engine_failed']);
});
