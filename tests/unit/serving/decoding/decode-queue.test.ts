import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import t from 'tap';
import { imageInputSchema, stretchedInput } from '../../../../src/models/repository/image-input.js';
import { decodeInline } from '../../../../src/serving/decoding/decode.js';
import { DecodeQueue } from '../../../../src/serving/decoding/decode-queue.js';
import type { DecodedImage, DecodeRequest } from '../../../../src/serving/decoding/image.js';
import { isPlainJpeg } from '../../../../src/serving/decoding/plain-jpeg.js';

/** Not the size of the images, which would be decoded without the queue. */
const input = stretchedInput({ height: 28, width: 28, channels: 3 }, 1, 0);
const limits = { maxInputPixels: 1_000_000, timeoutSeconds: 10 };
const COLOR = [18, 52, 86] as const;
const LARGE = { ...limits, maxInputPixels: 20_000_000 };
const isCancelled = (): boolean => false;
const deadlineMs = Number.POSITIVE_INFINITY;

/** As a promise in every case. */
async function decode(queue: DecodeQueue, request: DecodeRequest): Promise<DecodedImage> {
  return queue.decode(request);
}

t.test('images beyond the concurrency wait, those beyond the queue are refused at once', async (t) => {
  const bytes = await readFile('tests/fixtures/images/cat-0000.jpg');
  const queue = new DecodeQueue({ concurrency: 1, maxQueuedImages: 2, inlineMsPerTurn: 2, limits });
  const decodes = [1, 2, 3].map(() => decode(queue, { bytes, input, deadlineMs, isCancelled }));
  t.equal(queue.queuedImages, 2);
  t.equal(queue.hasRoomFor(1), false);
  await t.rejects(decode(queue, { bytes, input, deadlineMs, isCancelled }), { code: 'overloaded' });
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
    const first = decode(queue, { bytes, input, deadlineMs, isCancelled });
    const gone = decode(queue, { bytes, input, deadlineMs, isCancelled: () => hasGone });
    const bad = decode(queue, { bytes: Buffer.from('no image'), input, deadlineMs, isCancelled });
    const last = decode(queue, { bytes, input, deadlineMs, isCancelled });
    hasGone = true;
    await t.rejects(gone, { code: 'cancelled' });
    await t.rejects(bad, { code: 'undecodable_image' });
    t.same((await first).pixels, (await last).pixels);
  },
);

t.test('a large image takes no slot of the others, and waits for the large one before it', async (t) => {
  const bytes = await readFile('tests/fixtures/images/cat-0000.jpg');
  const [r, g, b] = COLOR;
  const side = { width: 4001, height: 4000, channels: 3, background: { r, g, b } } as const;
  const large = await sharp({ create: side }).jpeg().toBuffer();
  const queue = new DecodeQueue({ concurrency: 1, maxQueuedImages: 2, inlineMsPerTurn: 2, limits: LARGE });
  const exact = imageInputSchema.parse({ height: 28, width: 28, channels: 3, scale: 1, offset: 0 });
  const first = decode(queue, { bytes: large, input: exact, deadlineMs, isCancelled });
  const small = decode(queue, { bytes, input, deadlineMs, isCancelled });
  t.equal(queue.queuedImages, 0, 'both are decoded');
  const second = decode(queue, { bytes: large, input, deadlineMs, isCancelled });
  t.equal(queue.queuedImages, 1);
  await small;
  for (const { pixels, width } of await Promise.all([first, second])) {
    t.equal(width, side.width);
    t.ok(pixels.every((value, place) => Math.abs(value - (COLOR[place % 3] ?? 0)) <= 2));
  }
});

t.test('the small plain files of a batch take several turns of the event loop', async (t) => {
  const bytes = await readFile('tests/fixtures/images/cat-0000.jpg');
  const plain = { ...input, height: 32, width: 32 };
  const queue = new DecodeQueue({ concurrency: 1, maxQueuedImages: 300, inlineMsPerTurn: 0.01, limits });
  const images = Array.from({ length: 20 }, () =>
    decode(queue, { bytes, input: plain, deadlineMs, isCancelled }),
  );
  t.equal(queue.queuedImages, 19);
  t.equal(queue.hasRoomFor(283), false, 'they take up room while they wait');
  let turns = 0;
  const count = (): void => {
    turns += 1;
    if (queue.queuedImages > 0) setImmediate(count);
  };
  setImmediate(count);
  const [first, ...others] = await Promise.all(images);
  t.ok(turns >= 10, `${turns} turns`);
  for (const { pixels } of others) t.same(pixels, first?.pixels);
});

t.test('an image whose deadline passes while it waits says so', async (t) => {
  const bytes = await readFile('tests/fixtures/images/cat-0000.jpg');
  const queue = new DecodeQueue({ concurrency: 1, maxQueuedImages: 9, inlineMsPerTurn: 0.01, limits });
  const plain = { ...input, height: 32, width: 32 };
  const running = [input, plain].map((each) =>
    decode(queue, { bytes, input: each, deadlineMs, isCancelled }),
  );
  const late = { bytes, deadlineMs: performance.now(), isCancelled: () => true };
  const decodes = [input, plain].map((each) => decode(queue, { ...late, input: each }));
  await Promise.all(decodes.map((late) => t.rejects(late, { code: 'deadline_exceeded' })));
  await Promise.all(running);
});

t.test('a file that the quick decoder refuses is decoded by sharp, which reads more', async (t) => {
  const damaged = Buffer.from(await readFile('tests/fixtures/images/cat-0000.jpg'));
  damaged.set([230], 233);
  damaged.set([126], 783);
  const plain = { ...input, height: 32, width: 32 };
  t.equal(isPlainJpeg(damaged, plain), true);
  t.equal(decodeInline(damaged, plain), undefined);
  const queue = new DecodeQueue({ concurrency: 1, maxQueuedImages: 1, inlineMsPerTurn: 2, limits });
  const { pixels } = await decode(queue, { bytes: damaged, input: plain, deadlineMs, isCancelled });
  t.equal(pixels.length, 32 * 32 * 3);
});

t.test('a small plain file does not wait, however full the queue is, and needs no promise', async (t) => {
  const bytes = await readFile('tests/fixtures/images/cat-0000.jpg');
  const queue = new DecodeQueue({ concurrency: 1, maxQueuedImages: 0, inlineMsPerTurn: 2, limits });
  const slow = decode(queue, { bytes, input, deadlineMs, isCancelled });
  const plain = { ...input, height: 32, width: 32 };
  t.notOk(queue.decode({ bytes, input: plain, deadlineMs, isCancelled }) instanceof Promise);
  await slow;
});
