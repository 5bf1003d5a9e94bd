import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { status } from '@grpc/grpc-js';
import t from 'tap';
import { z } from 'zod';
import { API_KEYS_FILE, ApiKeys } from '../../src/fronts/door/api-keys.js';
import { freePort } from '../support/free-port.js';
import { encoded, GrpcCaller, HEALTH } from '../support/grpc-caller.js';
import { framed, RawGrpc } from '../support/raw-grpc.js';
import { startServer } from '../support/running-server.js';

const ROW = 32 * 32 * 3;
const BATCH = 3;
const PIXELS = Uint8Array.from({ length: BATCH * ROW }, (_, index) => Math.imul(index, 2_654_435_761) >>> 24);
const FLOATS = new Uint8Array(Float32Array.from(PIXELS, (pixel) => pixel * (1 / 255)).buffer);

const answerSchema = z.looseObject({
  id: z.string(),
  model_version: z.string(),
  outputs: z.array(z.looseObject({ name: z.string(), shape: z.array(z.number()) })),
  raw_output_contents: z.array(z.instanceof(Uint8Array)),
});

/** The first message of the gRPC thread. */
const listeningSchema = z.looseObject({ kind: z.literal('listening'), port: z.int() });

function inferRequest(
  datatype: string,
  raw: Uint8Array,
  shape: readonly number[] = [BATCH, 32, 32, 3],
): object {
  return {
    model_name: 'cifar10-cnn',
    id: 'a',
    inputs: [{ name: 'pixels', datatype, shape }],
    raw_input_contents: [raw],
  };
}

t.test('gRPC with API keys', async (t) => {
  const port = await freePort();
  const stateDir = mkdtempSync(join(tmpdir(), 'fovea-grpc-'));
  const keys = new ApiKeys(join(stateDir, API_KEYS_FILE));
  const key = await keys.create('a client', 'predict');
  const threads: Worker[] = [];
  const notice = (thread: Worker): void => {
    thread.on('message', (message: unknown) => {
      if (listeningSchema.safeParse(message).success) threads.push(thread);
    });
  };
  process.on('worker', notice);
  t.teardown(() => process.off('worker', notice));
  const { url, app } = await startServer(t, { FOVEA_GRPC_PORT: String(port), FOVEA_STATE_DIR: stateDir });
  const headers = { Authorization: `Bearer ${key}` };
  const metrics = async (): Promise<string> => (await fetch(`${url}/metrics`, { headers })).text();
  const failures = async (): Promise<number> =>
    [...(await metrics()).matchAll(/^fovea_errors_total\{.*\} (\d+)$/gm)].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    );
  const raw = new RawGrpc(t, `http://127.0.0.1:${port}`, headers);
  const client = new GrpcCaller(t, port, { key });
  const infer = async (request: object): Promise<z.infer<typeof answerSchema>> =>
    answerSchema.parse(await client.call('ModelInfer', request));

  t.test('floats and pixels give the same answer', async (t) => {
    const pixels = await infer(inferRequest('UINT8', PIXELS));
    t.match(pixels, {
      id: 'a',
      model_version: '4',
      outputs: [{ name: 'probabilities', shape: [BATCH, 10] }],
    });
    t.equal(pixels.raw_output_contents[0]?.length, BATCH * 10 * 4);
    const floats = await infer(inferRequest('FP32', FLOATS));
    const [numbers = new Uint8Array(), others = new Uint8Array()] = [pixels, floats].map(
      ({ raw_output_contents: [raw] }) => raw,
    );
    const read = (bytes: Uint8Array): Float32Array => new Float32Array(Uint8Array.from(bytes).buffer);
    t.ok(read(numbers).every((number, index) => Math.abs(number - (read(others)[index] ?? 9)) < 1e-3));
  });

  t.test('a client without a key may ask for health only', async (t) => {
    const nobody = new GrpcCaller(t, port);
    await t.rejects(nobody.call('ModelInfer', inferRequest('UINT8', PIXELS)), {
      code: status.UNAUTHENTICATED,
    });
    t.match(await nobody.call('ServerReady', {}), { ready: true });
    t.match(await nobody.call('ModelReady', { name: 'cifar10-cnn' }), { ready: true });
    t.match(await nobody.call('Check', { service: '' }, HEALTH), { status: 'SERVING' });
    await t.rejects(client.call('RepositoryModelUnload', { model_name: 'fashion-mnist-cnn' }), {
      code: status.PERMISSION_DENIED,
    });
  });

  t.test('malformed tensors get INVALID_ARGUMENT, and harm nobody', async (t) => {
    const floatsWith = (value: number): Uint8Array => {
      const floats = Uint8Array.from(FLOATS);
      new DataView(floats.buffer).setFloat32(40, value, true);
      return floats;
    };
    const typed = { name: 'pixels', datatype: 'FP32', shape: [1, 32, 32, 3] };
    const infinite = { fp32_contents: Array<number>(ROW).fill(Number.NEGATIVE_INFINITY) };
    const bad = [
      inferRequest('UINT8', PIXELS.subarray(1)),
      inferRequest('INT8', PIXELS),
      inferRequest('FP32', floatsWith(Number.NaN)),
      inferRequest('FP32', floatsWith(Number.POSITIVE_INFINITY)),
      { model_name: 'cifar10-cnn', inputs: [{ ...typed, contents: infinite }] },
      inferRequest('UINT8', PIXELS, [2 ** 40, 2 ** 40, 32, 3]),
      inferRequest('UINT8', PIXELS, [-1, 32, 32, 3]),
      { ...inferRequest('UINT8', PIXELS), raw_input_contents: [] },
      { ...inferRequest('UINT8', PIXELS), raw_input_contents: [PIXELS, PIXELS] },
      {
        ...inferRequest('UINT8', PIXELS),
        raw_input_contents: Array.from({ length: 100_000 }, () => Buffer.of()),
      },
      { ...inferRequest('UINT8', PIXELS), inputs: [] },
      { ...inferRequest('UINT8', PIXELS), outputs: [{ name: 'other' }] },
    ];
    for (const request of bad) await t.rejects(infer(request), { code: status.INVALID_ARGUMENT });
    await t.rejects(infer({ ...inferRequest('UINT8', PIXELS), model_name: 'nope' }), {
      code: status.NOT_FOUND,
    });
    t.match(await infer(inferRequest('UINT8', PIXELS)), { id: 'a' });
  });

  t.test('messages that are no protobuf, or hold too many elements, get INVALID_ARGUMENT', async (t) => {
    const elements = Buffer.from('1a00'.repeat(100_000), 'hex');
    const groups = Buffer.alloc(100_000, 0x0b);
    for (const name of ['ModelInfer', 'ModelReady', 'RepositoryModelLoad'])
      for (const bytes of [elements, groups, Buffer.from([0x0a, 0x7f, 1])])
        await t.rejects(client.call(name, bytes), { code: status.INVALID_ARGUMENT }, name);
    const open = raw.open('ModelInfer');
    // Half of a prefix, and then nothing.
    open.write(framed(Buffer.alloc(0)).subarray(0, 2));
    t.match(await infer(inferRequest('UINT8', PIXELS)), { id: 'a' });
    open.close();
  });

  t.test('a client that does not read its answers is not read from', async (t) => {
    const unread = new RawGrpc(t, `http://127.0.0.1:${port}`, { authorization: `Bearer ${key}` }, 0);
    const stream = unread.open('ModelStreamInfer');
    const before = await failures();
    stream.write(
      Buffer.concat(Array<Buffer>(500).fill(framed(encoded('ModelInfer', { model_name: 'nope' })))),
    );
    while ((await failures()) - before < 32);
    for (let call = 0; call < 20; call++)
      await t.rejects(infer(inferRequest('INT8', PIXELS)), { code: status.INVALID_ARGUMENT });
    t.ok((await failures()) - before < 200);
    stream.close();
  });

  t.test('the metrics count calls and errors', async (t) => {
    const text = await metrics();
    t.match(text, /^fovea_grpc_calls_total\{method="ModelInfer",code="ok"\} [1-9]/m);
    t.match(text, /^fovea_grpc_calls_total\{method="ModelReady",code="bad_request"\} 3$/m);
    t.match(text, /^fovea_errors_total\{code="bad_request"\} [1-9]/m);
    t.match(text, /^fovea_grpc_call_duration_seconds_count\{method="ModelInfer"\} [1-9]/m);
  });

  t.test('the thread starts again after a crash, on the same port', async (t) => {
    // It refuses a message of another form.
    for (const thread of threads) thread.postMessage({ kind: 'nonsense' });
    await new Promise((resolve) => threads[0]?.once('exit', resolve));
    for (;;) {
      const answer = await infer(inferRequest('UINT8', PIXELS)).catch(() => undefined);
      if (answer !== undefined) break;
    }
    t.equal(threads.length, 2);
    t.match(await client.call('Check', { service: '' }, HEALTH), { status: 'SERVING' });
  });

  t.test('the history holds the predictions', async (t) => {
    const statistics = await (await fetch(`${url}/api/statistics`, { headers })).json();
    t.ok(z.looseObject({ total_predictions: z.number() }).parse(statistics).total_predictions >= 3 * BATCH);
  });

  t.test('a draining server refuses new calls', async (t) => {
    await app.drain();
    await t.rejects(infer(inferRequest('UINT8', PIXELS)), { code: status.UNAVAILABLE });
  });
});
