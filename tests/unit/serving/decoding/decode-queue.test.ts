import { readFile } from 'node:fs/promises';
import t from 'tap';
import { stretchedInput } from '../../../../src/models/repository/image-input.js';
import { DecodeQueue } from '../../../../src/serving/decoding/decode-queue.js';

/** Not the size of the images, which would be decoded without the queue. */
const input = stretchedInput({ height: 28, width: 28, channels: 3 }, 1, 0);
const limits = { maxInputPixels: 1_000_000, timeoutSeconds: 10 };
const isCancelled = (): boolean => false;
const deadlineMs = Number.POSITIVE_INFINITY;

t.test('images beyond the concurrency wait, those beyond the queue are refused at once', async (t) => {
  const bytes = await readFile('tests/fixtures/images/cat-0000.jpg');
  const queue = new DecodeQueue({ concurrency: 1, maxQueuedImages: 2, inlineMsPerTurn: 2, limits });
  const decodes = [1, 2, 3].map(() => queue.decode({ bytes, input, deadlineMs, isCancelled }));
  t.equal(queue.queuedImages, 2);
  t.equal(queue.hasRoomFor(1), false);
  await t.rejects(queue.decode({ bytes, input, deadlineMs, isCancelled }), { code: 'overloaded' });
  t.equal((await Promise.all(decodes)).length, 3);
  t.equal(queue.hasRoomFor(3), true);
  t.equal(queue.hasRoomFor(4), false);
});

t.test(
  'an image that nobody waits for any more is dropped when its turn comes, and so is a bad one',
  async (t) => {
    const bytes = await readFile('tests/fixtures/images/cat-0000.jpg');
    const queue = new DecodeQueue({ concurrency: 1, maxQueuedImages: 9, inlineMsPerTurn: 2, limits });
    let hasGone = false;
    const first = queue.decode({ bytes, input, deadlineMs, isCancelled });
    const gone = queue.decode({ bytes, input, deadlineMs, isCancelled: () => hasGone });
    const bad = queue.decode({ bytes: Buffer.from('no image'), input, deadlineMs, isCancelled });
    const last = queue.decode({ bytes, input, deadlineMs, isCancelled });
    hasGone = true;
    await t.rejects(gone, { code: 'cancelled' });
    await t.rejects(bad, { code: 'undecodable_image' });
    t.same((await first).pixels, (await last).pixels);
  },
);

t.test('a small plain file does not wait, however full the queue is', async (t) => {
  const bytes = await readFile('tests/fixtures/images/cat-0000.jpg');
  const queue = new DecodeQueue({ concurrency: 1, maxQueuedImages: 0, inlineMsPerTurn: 2, limits });
  const slow = queue.decode({ bytes, input, deadlineMs, isCancelled });
  const plain = { ...input, height: 32, width: 32 };
  t.equal((await queue.decode({ bytes, input: plain, deadlineMs, isCancelled })).pixels.length, 32 * 32 * 3);
  await slow;
});
