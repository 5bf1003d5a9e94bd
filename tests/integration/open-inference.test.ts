import { gzipSync } from 'node:zlib';
import t from 'tap';
import { z } from 'zod';
import { fixtureImage } from '../support/answers.js';
import { operatorFetch } from '../support/operator.js';
import { errorCodeSchema } from '../support/protocol-answers.js';
import { startServer } from '../support/running-server.js';

const MODEL = '/v2/models/cifar10-cnn';
const BATCH = 5;
const ROW = 32 * 32 * 3;
const PIXELS = Uint8Array.from({ length: BATCH * ROW }, (_, index) => Math.imul(index, 2_654_435_761) >>> 24);
/** As the shipped model sees them: its scale is 1/255. */
const FLOATS = Float32Array.from(PIXELS, (pixel) => pixel * (1 / 255));

const answerSchema = z.object({
  model_name: z.string(),
  model_version: z.string(),
  id: z.string().optional(),
  outputs: z.array(
    z.object({
      name: z.string(),
      datatype: z.string(),
      shape: z.array(z.number()),
      data: z.array(z.union([z.number(), z.string()])).optional(),
      parameters: z.object({ binary_data_size: z.number() }).optional(),
    }),
  ),
});

interface Tensor {
  readonly name?: string;
  readonly datatype?: string;
  readonly shape?: readonly number[];
  readonly data?: unknown;
  readonly bytes?: Uint8Array;
}

function tensorJson({
  name = 'pixels',
  datatype = 'UINT8',
  shape = [BATCH, 32, 32, 3],
  data,
  bytes,
}: Tensor) {
  const parameters = bytes === undefined ? undefined : { binary_data_size: bytes.length };
  return { name, datatype, shape, data, parameters };
}

/** A request with a JSON header, and the tensor behind it. */
function requestOf(tensor: Tensor, more: object = {}): RequestInit {
  const json = Buffer.from(JSON.stringify({ inputs: [tensorJson(tensor)], ...more }));
  const { bytes = new Uint8Array() } = tensor;
  return {
    method: 'POST',
    headers: tensor.bytes === undefined ? {} : { 'Inference-Header-Content-Length': String(json.length) },
    body: Uint8Array.from(Buffer.concat([json, bytes])),
  };
}

function bytesOf(floats: Float32Array): Uint8Array {
  return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
}

t.test('the Open Inference Protocol over HTTP', async (t) => {
  const { url } = await startServer(t);
  const infer = (init: RequestInit, path = `${MODEL}/infer`): Promise<Response> => fetch(url + path, init);
  const json = async (response: Response): Promise<z.infer<typeof answerSchema>> => {
    t.equal(response.status, 200);
    return answerSchema.parse(await response.json());
  };
  const errorOf = async (response: Response) => ({
    status: response.status,
    ...errorCodeSchema.parse(await response.json()),
  });
  const probabilities = async (response: Response): Promise<unknown> =>
    (await json(response)).outputs.find(({ name }) => name === 'probabilities')?.data;

  t.test('tells what it is and what its models take', async (t) => {
    const get = async (path: string): Promise<unknown> => (await fetch(url + path)).json();
    t.match(await get('/v2'), { name: 'fovea', extensions: ['binary_tensor_data', 'classification'] });
    t.same(await get('/v2/health/live'), { live: true });
    t.same(await get('/v2/health/ready'), { ready: true });
    t.match(await get(MODEL), {
      name: 'cifar10-cnn',
      inputs: [{ name: 'pixels', datatype: 'UINT8', shape: [-1, 32, 32, 3] }],
      outputs: [
        { name: 'probabilities', datatype: 'FP32', shape: [-1, 10] },
        { name: 'label' },
        { name: 'class_id' },
      ],
      properties: { 'pixels.FP32': /value = pixel \* scale \+ offset, channels rgb/ },
    });
    t.match(await get(`${MODEL}/config`), {
      max_batch_size: 256,
      input: [{ name: 'pixels', data_type: 'TYPE_UINT8', dims: [32, 32, 3] }],
    });
    t.match(await get('/v2/models'), { models: ['cifar10-cnn', 'fashion-mnist-cnn'] });
  });

  t.test('gives the same answer for pixels in JSON, nested or flat, in binary, and as floats', async (t) => {
    const nested = Array.from({ length: BATCH }, (_, image) =>
      Array.from({ length: 32 }, (_, y) =>
        Array.from({ length: 32 }, (_, x) => [
          ...PIXELS.subarray(image * ROW + (y * 32 + x) * 3).subarray(0, 3),
        ]),
      ),
    );
    const expected = await probabilities(await infer(requestOf({ data: [...PIXELS] })));
    const requests = [
      requestOf({ data: nested }),
      requestOf({ bytes: PIXELS }),
      requestOf({ datatype: 'FP32', bytes: bytesOf(FLOATS) }),
      requestOf({ datatype: 'FP32', data: [...FLOATS] }),
    ];
    for (const request of requests) t.same(await probabilities(await infer(request)), expected);
  });

  t.test('answers in binary where it is asked to, and gives the id back', async (t) => {
    const outputs = [
      { name: 'class_id', parameters: { binary_data: true } },
      { name: 'probabilities', parameters: { classification: 3 } },
      { name: 'label', parameters: { binary_data: true } },
    ];
    const response = await infer(requestOf({ bytes: PIXELS }, { id: 'a', outputs }));
    const bytes = Buffer.from(await response.arrayBuffer());
    const length = Number(response.headers.get('inference-header-content-length'));
    const answer = answerSchema.parse(JSON.parse(bytes.subarray(0, length).toString()));
    t.match(answer, {
      id: 'a',
      model_version: '4',
      outputs: [
        { name: 'class_id', shape: [BATCH], parameters: { binary_data_size: 4 * BATCH } },
        { name: 'probabilities', datatype: 'BYTES', shape: [BATCH, 3], data: [/^0\.\d{6}:\d:[A-Z]/] },
        { name: 'label', shape: [BATCH] },
      ],
    });
    const [first = ''] = answer.outputs[1]?.data ?? [];
    t.equal(String(first).split(':')[1], String(bytes.readInt32LE(length)));
    const labels = bytes.subarray(length + 4 * BATCH);
    t.equal(labels.subarray(4, 4 + labels.readUInt32LE(0)).toString(), String(first).split(':')[2]);
  });

  t.test('takes image files, as base64, in binary, and as the whole body', async (t) => {
    const jpeg = await fixtureImage('cat-0000');
    const text = { name: 'image', datatype: 'BYTES', shape: [1], data: [jpeg.toString('base64')] };
    const expected = await probabilities(await infer(requestOf(text)));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(jpeg.length);
    const binary = { ...text, data: undefined, bytes: Buffer.concat([length, jpeg]) };
    t.same(await probabilities(await infer(requestOf(binary))), expected);
    const headers = { 'Inference-Header-Content-Length': '0' };
    const whole = await infer({ method: 'POST', headers, body: Uint8Array.from(jpeg) });
    t.equal(whole.status, 200);
    t.equal((await infer({ method: 'POST', headers, body: PIXELS.slice(0, ROW) })).status, 200, 'pixels');
    t.match(await errorOf(await infer({ method: 'POST', headers, body: PIXELS.slice(1, ROW) })), {
      status: 400,
    });
  });

  t.test('more images than a batch holds are cut into batches; too many are refused', async (t) => {
    const many = new Uint8Array(200 * ROW);
    const shape = [200, 32, 32, 3];
    const answer = await json(await infer(requestOf({ shape, bytes: many })));
    t.same(answer.outputs[0]?.shape, [200, 10]);
    const error = await errorOf(
      await infer(requestOf({ shape: [257, 32, 32, 3], bytes: new Uint8Array(257 * ROW) })),
    );
    t.match(error, { status: 413, code: 'too_large' });
  });

  t.test('malformed tensors get the protocol’s error', async (t) => {
    const nan = FLOATS.slice();
    nan[ROW + 5] = Number.NaN;
    const infinite = FLOATS.slice();
    infinite[5] = Number.NEGATIVE_INFINITY;
    const bad: Tensor[] = [
      { bytes: PIXELS.subarray(1) },
      { bytes: PIXELS, shape: [4_294_967_296, 4_294_967_296, 32, 3] },
      { bytes: PIXELS, shape: [0, 32, 32, 3] },
      { bytes: PIXELS, shape: [-1, 32, 32, 3] },
      { bytes: PIXELS, shape: [BATCH, 3, 32, 32] },
      { bytes: PIXELS, shape: [BATCH * ROW] },
      { bytes: PIXELS, datatype: 'INT8' },
      { bytes: PIXELS, datatype: 'FP32' },
      { bytes: PIXELS, name: 'other' },
      { bytes: bytesOf(nan), datatype: 'FP32' },
      { bytes: bytesOf(infinite), datatype: 'FP32' },
      { data: [1, 2] },
      { data: [...PIXELS.subarray(1), 0.5] },
      { data: [...PIXELS.subarray(1), 256] },
      { data: 'text' },
      { shape: [1], name: 'image', datatype: 'BYTES', bytes: Uint8Array.of(255, 255, 255, 255, 1) },
      { shape: [1], name: 'image', datatype: 'BYTES', bytes: Uint8Array.of(1, 0) },
      { shape: [2], name: 'image', datatype: 'BYTES', data: ['AAAA'] },
      { shape: [1], name: 'image', datatype: 'BYTES', data: ['%%'] },
      {},
    ];
    for (const tensor of bad) {
      const error = await errorOf(await infer(requestOf(tensor)));
      t.match(
        error,
        { status: 400, code: 'bad_request' },
        JSON.stringify({ ...tensor, bytes: undefined, data: undefined }),
      );
    }
    const body = Buffer.from(JSON.stringify({ inputs: [tensorJson({ bytes: PIXELS })] }));
    for (const length of ['-1', 'abc', '999999', '1', String(body.length - 1), '1e3']) {
      const headers = { 'Inference-Header-Content-Length': length };
      const init = { method: 'POST', headers, body: Uint8Array.from(Buffer.concat([body, PIXELS])) };
      t.match(await errorOf(await infer(init)), { status: 400 }, length);
    }
    for (const text of [
      '',
      '{',
      '[]',
      '{"inputs":[]}',
      `{"inputs":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
    ]) {
      t.match(await errorOf(await infer({ method: 'POST', body: text })), { status: 400 });
    }
    const million = `{"inputs":[${'{},'.repeat(1_000_000)}{}]}`;
    t.match(await errorOf(await infer({ method: 'POST', body: million })), { status: 413 });
    const bomb = { 'Content-Encoding': 'gzip' };
    const body1 = Uint8Array.from(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
    t.match(await errorOf(await infer({ method: 'POST', headers: bomb, body: body1 })), { status: 413 });
    t.equal((await infer(requestOf({ bytes: PIXELS }))).status, 200, 'it still answers');
  });

  t.test('what does not exist gets the protocol’s error', async (t) => {
    const paths: [string, number][] = [
      ['/v2/models/nope', 404],
      ['/v2/models/nope/ready', 404],
      [`${MODEL}/versions/9/ready`, 404],
      [`${MODEL}/versions/3/ready`, 503],
      [`${MODEL}/versions/x/ready`, 400],
      ['/v2/nope', 404],
      [`${MODEL}/infer`, 405],
      ['/v2/systemsharedmemory/status', 501],
    ];
    for (const [path, status] of paths) t.match(await errorOf(await fetch(url + path)), { status }, path);
    const region = { inputs: [{ ...tensorJson({}), parameters: { shared_memory_region: 'r' } }] };
    t.match(await errorOf(await infer({ method: 'POST', body: JSON.stringify(region) })), { status: 501 });
  });

  t.test('an operator loads and unloads models; the default model stays', async (t) => {
    const other = '/v2/repository/models/fashion-mnist-cnn';
    const ready = async (): Promise<number> =>
      (await fetch(`${url}/v2/models/fashion-mnist-cnn/ready`)).status;
    const post = (path: string): Promise<Response> => fetch(url + path, { method: 'POST' });
    const change = (path: string): Promise<Response> => operatorFetch(url + path, { method: 'POST' });
    t.equal((await post(`${other}/load`)).status, 401);
    t.equal(await ready(), 503);
    t.equal((await change(`${other}/load`)).status, 200);
    t.equal(await ready(), 200);
    t.equal((await change(`${other}/unload`)).status, 200);
    t.equal(await ready(), 503);
    const gone = await infer(requestOf({ bytes: PIXELS }), '/v2/models/fashion-mnist-cnn/infer');
    t.match(await errorOf(gone), { status: 503, code: 'model_not_ready' });
    const index = await (await post('/v2/repository/index')).json();
    t.match(index, [
      { name: 'cifar10-cnn', version: '4', state: 'READY' },
      { name: 'cifar10-cnn', state: 'UNAVAILABLE', reason: 'unloaded' },
    ]);
    const kept = await change('/v2/repository/models/cifar10-cnn/unload');
    t.match(await errorOf(kept), { status: 400 });
    t.equal((await change('/v2/repository/models/nope/load')).status, 404);
  });

  t.test('counts images and batches', async (t) => {
    const stats = async (): Promise<number[]> => {
      const schema = z.object({
        model_stats: z.tuple([z.object({ inference_count: z.number(), execution_count: z.number() })]),
      });
      const { model_stats: all } = schema.parse(await (await fetch(`${url}${MODEL}/stats`)).json());
      return [all[0].inference_count, all[0].execution_count];
    };
    const [images = 0, batches = 0] = await stats();
    await infer(requestOf({ bytes: PIXELS }));
    const [imagesAfter = 0, batchesAfter = 0] = await stats();
    t.equal(imagesAfter - images, BATCH);
    t.ok(batchesAfter > batches && batchesAfter <= batches + BATCH);
  });
});
