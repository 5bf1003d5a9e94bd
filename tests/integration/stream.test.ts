import { createHash } from 'node:crypto';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { FoveaClient } from '../../clients/typescript/src/client.js';
import { FoveaError } from '../../clients/typescript/src/errors.js';
import type { ImageAnswer } from '../../clients/typescript/src/frames.js';
import { ApiKeys } from '../../src/fronts/door/api-keys.js';
import { fixtureImage } from '../support/answers.js';
import { realPixels } from '../support/images.js';
import { clientFrame, openUnread } from '../support/raw-socket.js';
import { startServer } from '../support/running-server.js';
import { refusal, StreamClient } from '../support/stream-client.js';

const stateDir = t.testdir();
const keys = new ApiKeys(join(stateDir, 'api-keys.json'));
const key = await keys.create('a client', 'predict');
const limitedKey = await keys.create('a greedy client', 'predict');
const lastKey = await keys.create('the last client', 'predict');
const WINDOW = 8;
const MAX_MESSAGE_BYTES = 1024 * 1024;

const { app, url, port } = await startServer(t, {
  FOVEA_STATE_DIR: stateDir,
  FOVEA_RATE_LIMIT_PREDICT: '500/min',
  FOVEA_STREAM_WINDOW: String(WINDOW),
  FOVEA_STREAM_MAX_MESSAGE_BYTES: String(MAX_MESSAGE_BYTES),
  FOVEA_STREAM_MAX_BACKLOG_BYTES: '65536',
  FOVEA_LIVE_INTERVAL_MS: '200',
  FOVEA_STREAM_PING_TIMEOUT_MS: '8000',
});
const streamUrl = `ws://127.0.0.1:${port}/api/stream`;
const jpeg = await fixtureImage('cat-0000');
const file = Uint8Array.from(jpeg);
const photographs = await realPixels();
const withKey = { Authorization: `Bearer ${key}` };
const client = new FoveaClient({ url, apiKey: key });
/** Opened first, because the shortest ping time-out is 8 s. The package `ws` answers pings; a bare socket does not. */
const answersPings = await StreamClient.open(t, streamUrl, 'fovea.bin.v1', withKey);
const ignoresPings = await openUnread(port, 'fovea.bin.v1', `X-API-Key: ${key}\r\n`);
const pingTimeout = new Promise((resolve) => ignoresPings.once('close', resolve));
ignoresPings.resume();

function jsonStream(t: Test, query = ''): Promise<StreamClient> {
  return StreamClient.open(t, streamUrl + query, 'fovea.json.v1', withKey);
}

/** The probabilities that an answer must have. */
function probabilitiesOf(answer: ImageAnswer | FoveaError | undefined): number[] {
  if (answer === undefined || answer instanceof FoveaError) throw answer ?? new Error('There is no answer.');
  return [...(answer.probabilities ?? [])];
}

/** @returns 0 where there is none */
async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`, { headers: withKey })).text();
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1] ?? 0,
  );
}

/** The history commits rows in groups, shortly after the answers. */
async function storedAs(id: string | undefined): Promise<unknown> {
  for (;;) {
    const response = await fetch(`${url}/api/predictions/${id}`, { headers: withKey });
    if (response.ok) return response.json();
    await response.text();
  }
}

t.test('an answer is that of HTTP, whatever the form of the image', async (t) => {
  const http = await client.predict(file, { topK: 3 });
  const json = await jsonStream(t, '?top_k=3');
  json.send({ type: 'predict', id: 1, image: jpeg.toString('base64') });
  json.send({ type: 'predict', id: 2, binary: 'image' });
  json.socket.send(jpeg);
  for (const id of [1, 2]) {
    const [prediction] = (await json.answerTo(id)).predictions as [Record<string, unknown>];
    t.same(prediction.all_probabilities, http.all_probabilities);
    t.same(prediction.top_k, http.top_k);
    t.match(prediction.request_id, new RegExp(`:${id}$`));
  }
  const stream = client.stream();
  t.teardown(() => stream.close());
  const answer = await stream.predict(file, { wantsIds: true });
  t.same(probabilitiesOf(answer), Object.values(http.all_probabilities));
  t.equal(answer.version, http.model_version);
  const ranked = await stream.predict(file, { topK: 3 });
  t.same(
    ranked.ranked,
    http.top_k?.map(({ class_index: classIndex, confidence }) => ({ classIndex, confidence })),
  );
  t.test('and it is in the history', async (t) => {
    const stored = await storedAs(answer.predictionId);
    t.match(stored, { source: 'stream', predicted_class: http.predicted_class, image_format: 'jpeg' });
  });
});

t.test('a tensor of many images is answered image by image', async (t) => {
  const stream = client.stream();
  t.teardown(() => stream.close());
  const { pixels, images } = photographs;
  const { images: together } = await stream.predictPixels(pixels, images, { wantsIds: true });
  t.equal(together.length, images);
  const alone = await stream.predictPixels(pixels.subarray(0, 3072));
  // Batches of other sizes may differ in the last bits.
  for (const [index, probability] of probabilitiesOf(alone.images[0]).entries())
    t.ok(Math.abs(probability - (probabilitiesOf(together[0])[index] ?? 0)) < 1e-3);
  const [first] = together;
  const id = first instanceof FoveaError ? undefined : first?.predictionId;
  // The pixels lay in the memory of the frame, which was used for other frames meanwhile.
  const image_sha256 = createHash('sha256').update(pixels.subarray(0, 3072)).digest('hex');
  t.match(await storedAs(id), { id, source: 'stream', image_width: 32, image_format: null, image_sha256 });
});

t.test('each wrong request has the error of HTTP under its own id, and harms no other', async (t) => {
  const stream = client.stream({ maxAttempts: 1 });
  t.teardown(() => stream.close());
  const good = stream.predict(file);
  const wrong: [string, () => Promise<unknown>, string, number][] = [
    ['a tensor that is too short', () => stream.predictPixels(new Uint8Array(3071)), 'bad_request', 400],
    [
      'a tensor that is no whole images',
      () => stream.predictPixels(new Uint8Array(6145), 2),
      'bad_request',
      400,
    ],
    ['a huge number of images', () => stream.predictPixels(new Uint8Array(3072), 4e9), 'too_large', 413],
    ['no bytes', () => stream.predict(new Uint8Array(0)), 'empty_body', 400],
    ['no image', () => stream.predict(new Uint8Array(50)), 'undecodable_image', 422],
    [
      'no such model, pixels',
      () => stream.predictPixels(new Uint8Array(3072), 1, { model: 'x' }),
      'not_found',
      404,
    ],
    ['no such model', () => stream.predict(file, { model: 'x' }), 'not_found', 404],
    ['no such version', () => stream.predict(file, { version: 99 }), 'not_found', 404],
    ['too much smoothing', () => stream.predict(file, { smoothing: 200 }), 'bad_request', 400],
  ];
  await Promise.all(
    wrong.map(async ([name, send, code, status]) => t.rejects(send(), { code, status }, name)),
  );
  t.ok(await good);
  t.ok(await stream.predict(file), 'on the same connection');
});

t.test('a malformed frame is answered under id 0; fragments are put together', async (t) => {
  const binary = await StreamClient.open(t, streamUrl, 'fovea.bin.v1', withKey);
  binary.socket.send('text');
  const json = await jsonStream(t);
  json.socket.send('{"type":');
  t.match(await json.answerTo(0), { type: 'error', status: 400, code: 'bad_request' });
  const text = JSON.stringify({ type: 'predict', id: 1, image: jpeg.toString('base64') });
  json.socket.send(text.slice(0, 20), { fin: false });
  json.socket.send(text.slice(20, 500), { fin: false });
  json.socket.send(text.slice(500), { fin: true });
  t.match(await json.answerTo(1), { status: 200 });
});

t.test('a message over the limit, or declared to be, ends only its own connection', async (t) => {
  const json = await jsonStream(t);
  const large = await jsonStream(t);
  const ended = large.closed();
  large.socket.send(Buffer.alloc(MAX_MESSAGE_BYTES + 1));
  t.equal(await ended, 1006);
  const declared = await openUnread(port, 'fovea.bin.v1', `X-API-Key: ${key}\r\n`);
  const cut = new Promise((resolve) => declared.once('close', resolve));
  const head = Buffer.alloc(14);
  head.set([0x82, 0xff]);
  head.writeBigUInt64BE(2n ** 50n, 2);
  declared.write(head);
  declared.resume();
  await cut;
  json.send({ type: 'predict', id: 1, image: jpeg.toString('base64') });
  t.match(await json.answerTo(1), { status: 200 });
});

t.test('a request beyond the window, or with an id in flight, fails alone', async (t) => {
  const json = await jsonStream(t);
  const hello = await json.message(({ type }) => type === 'hello');
  t.match(hello, { window: WINDOW, max_message_bytes: MAX_MESSAGE_BYTES });
  const image = jpeg.toString('base64');
  for (let id = 1; id <= WINDOW + 2; id++) json.send({ type: 'predict', id, image });
  json.send({ type: 'predict', id: 1, image });
  const answers = await Promise.all([...Array(WINDOW + 2)].map((_, place) => json.answerTo(place + 1)));
  const codes = answers.map(({ status }) => status);
  t.same(codes.slice(1, WINDOW), Array(WINDOW - 1).fill(200));
  t.same(codes.slice(WINDOW), [429, 429]);
  t.match(answers[WINDOW], { code: 'rate_limited', details: { window: WINDOW } });
  const ofFirst = json.messages.filter(({ id }) => id === 1).map(({ status }) => status);
  t.equal(ofFirst[0], 400, 'the second request with this id was refused first');
});

t.test('images are counted against the rate limit of the client', async (t) => {
  const stream = new FoveaClient({ url, apiKey: limitedKey }).stream();
  t.teardown(() => stream.close());
  const images = 250;
  const send = () => stream.predictPixels(new Uint8Array(images * 3072), images);
  await send();
  await send();
  await t.rejects(send(), { code: 'rate_limited', status: 429, details: { limit: 500 } });
});

t.test('of droppable frames the newest wins; a smoothed answer is the average', async (t) => {
  const json = await jsonStream(t);
  const image = jpeg.toString('base64');
  const ids = [1, 2, 3, 4];
  for (const id of ids) json.send({ type: 'predict', id, image, droppable: true, video: 1 });
  json.send({ type: 'predict', id: 5, image, droppable: true, video: 2 });
  const answers = await Promise.all([...ids, 5].map((id) => json.answerTo(id)));
  t.same(
    answers.map(({ code, status }) => code ?? status),
    [200, 'superseded', 'superseded', 200, 200],
  );
  const stream = client.stream();
  t.teardown(() => stream.close());
  const pictures = [photographs.pixels.subarray(0, 3072), photographs.pixels.subarray(3072 * 9, 3072 * 10)];
  const plain: number[][] = [];
  for (const picture of pictures)
    plain.push(probabilitiesOf((await stream.predictPixels(picture)).images[0]));
  const smoothed: number[][] = [];
  for (const picture of pictures) {
    const { images } = await stream.predictPixels(picture, 1, { video: 3, smoothing: 2 });
    smoothed.push(probabilitiesOf(images[0]));
  }
  for (const [index, value] of (smoothed[1] ?? []).entries())
    t.ok(Math.abs(value - ((plain[0]?.[index] ?? 0) + (plain[1]?.[index] ?? 0)) / 2) < 1e-3);
});

t.test('a deadline of the request is kept', async (t) => {
  const stream = client.stream();
  t.teardown(() => stream.close());
  const large = new Uint8Array(256 * 3072);
  await t.rejects(stream.predictPixels(large, 256, { deadlineMs: 1 }), {
    code: 'deadline_exceeded',
    status: 504,
  });
});

t.test('a client that does not read, or that floods, is cut off, and nobody else', async (t) => {
  const stream = client.stream();
  t.teardown(() => stream.close());
  await stream.predict(file);
  const before = await metric('fovea_websockets_open{route="/api/stream"}');
  const cut = async (protocol: string, frames: Buffer): Promise<void> => {
    const socket = await openUnread(port, protocol, `X-API-Key: ${key}\r\n`);
    t.teardown(() => socket.destroy());
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const writing = setInterval(() => socket.write(frames), 5);
    await closed;
    clearInterval(writing);
  };
  // The error repeats the name of the unknown field.
  const wrong = JSON.stringify({ type: 'predict', id: 1, image: 'x', ['x'.repeat(60_000)]: 1 });
  await cut('fovea.json.v1', clientFrame(Buffer.from(wrong), 0x1));
  await cut('fovea.bin.v1', Buffer.concat(Array<Buffer>(5000).fill(clientFrame(Buffer.alloc(3)))));
  t.ok(await stream.predict(file));
  t.equal(await metric('fovea_websockets_open{route="/api/stream"}'), before);
});

t.test('listeners of /api/live get the state at once and again, and only with a key', async (t) => {
  const liveUrl = `ws://127.0.0.1:${port}/api/live`;
  const listener = await StreamClient.open(t, liveUrl);
  listener.send({ type: 'authenticate', key: 'wrong' });
  t.match(await listener.message(({ type }) => type === 'error'), { code: 'unauthenticated' });
  listener.send({ type: 'authenticate', key });
  const live = await listener.message(({ type }) => type === 'live');
  t.match(live, {
    statistics: { total_predictions: Number, errors_by_code: { undecodable_image: Number } },
    queues: { requests_in_flight: 0 },
    drift: Array,
    training: null,
    evaluation: null,
  });
  const [totals] = live.batches as [{ images: number; batches: number; inference_seconds: number }];
  t.ok(totals.images > 500 && totals.batches > 0 && totals.inference_seconds > 0);
  await listener.message((message) => message.type === 'live' && message !== live);
});

t.test('a client that answers no ping is cut off', async (t) => {
  await pingTimeout;
  t.equal(answersPings.socket.readyState, answersPings.socket.OPEN);
});

t.test('a draining server answers what is in flight, then closes with 1001', async (t) => {
  const idle = await jsonStream(t);
  const json = await StreamClient.open(t, streamUrl, 'fovea.json.v1', { 'X-API-Key': lastKey });
  const closed = Promise.all([json.closed(), idle.closed()]);
  json.send({ type: 'predict', id: 1, binary: 'pixels', images: 200 });
  json.socket.send(Buffer.alloc(200 * 3072));
  while ((await metric('fovea_requests_in_flight')) === 0);
  const drained = app.drain();
  t.match(await refusal(t, streamUrl, undefined, withKey), { status: 503, body: { code: 'draining' } });
  t.ok(await drained);
  t.same(await closed, [1001, 1001]);
  t.match(json.messages.at(-1), { id: 1, status: 200 });
});
