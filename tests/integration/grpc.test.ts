import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { API_KEYS_FILE, ApiKeys } from '../../src/fronts/door/api-keys.js';
import { freePort } from '../support/free-port.js';
import { startServer } from '../support/running-server.js';

const ROW = 32 * 32 * 3;
const BATCH = 3;
const PIXELS = Uint8Array.from({ length: BATCH * ROW }, (_, index) => Math.imul(index, 2_654_435_761) >>> 24);
const FLOATS = new Uint8Array(Float32Array.from(PIXELS, (pixel) => pixel * (1 / 255)).buffer);
const OPTIONS = { keepCase: true, longs: Number, enums: String, defaults: true };
const SERVICE = 'inference.GRPCInferenceService';
const HEALTH = 'grpc.health.v1.Health';
const DEFINITION: PackageDefinition = {
  ...loadSync('proto/open_inference.proto', OPTIONS),
  ...loadSync(
    createRequire(import.meta.url).resolve('grpc-health-check/proto/health/v1/health.proto'),
    OPTIONS,
  ),
};

const answerSchema = z.looseObject({
  id: z.string(),
  model_version: z.string(),
  outputs: z.array(z.looseObject({ name: z.string(), shape: z.array(z.number()) })),
  raw_output_contents: z.array(z.instanceof(Uint8Array)),
});

function methodOf(service: string, name: string) {
  const definition = DEFINITION[service];
  if (definition === undefined || 'format' in definition) throw new Error(`There is no service ${service}.`);
  const method = definition[name];
  if (method === undefined) throw new Error(`The service ${service} has no method ${name}.`);
  return method;
}

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

/** A client that asks as the holder of `key`. */
function caller(t: Test, port: number, key = '') {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  t.teardown(() => client.close());
  const metadata = new Metadata();
  if (key !== '') metadata.set('authorization', `Bearer ${key}`);
  return (name: string, request: object, service = SERVICE): Promise<object> => {
    const { path, requestSerialize, responseDeserialize } = methodOf(service, name);
    return new Promise((resolve, reject) => {
      const onAnswer = (error: ServiceError | null, answer?: object): void => {
        if (error === null && answer !== undefined) resolve(answer);
        else reject(error);
      };
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, onAnswer);
    });
  };
}

t.test('gRPC with API keys', async (t) => {
  const port = await freePort();
  const stateDir = mkdtempSync(join(tmpdir(), 'fovea-grpc-'));
  const keys = new ApiKeys(join(stateDir, API_KEYS_FILE));
  const key = await keys.create('a client', 'predict');
  const { url, app } = await startServer(t, { FOVEA_GRPC_PORT: String(port), FOVEA_STATE_DIR: stateDir });
  const call = caller(t, port, key);
  const infer = async (request: object): Promise<z.infer<typeof answerSchema>> =>
    answerSchema.parse(await call('ModelInfer', request));

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
    const nobody = caller(t, port);
    await t.rejects(nobody('ModelInfer', inferRequest('UINT8', PIXELS)), { code: status.UNAUTHENTICATED });
    t.match(await nobody('ServerReady', {}), { ready: true });
    t.match(await nobody('ModelReady', { name: 'cifar10-cnn' }), { ready: true });
    t.match(await nobody('Check', { service: '' }, HEALTH), { status: 'SERVING' });
    await t.rejects(call('RepositoryModelUnload', { model_name: 'fashion-mnist-cnn' }), {
      code: status.PERMISSION_DENIED,
    });
  });

  t.test('malformed tensors get INVALID_ARGUMENT, and harm nobody', async (t) => {
    const nan = Uint8Array.from(FLOATS);
    new DataView(nan.buffer).setFloat32(40, Number.NaN, true);
    const bad = [
      inferRequest('UINT8', PIXELS.subarray(1)),
      inferRequest('INT8', PIXELS),
      inferRequest('FP32', nan),
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

  t.test('the history holds the predictions', async (t) => {
    const headers = { Authorization: `Bearer ${key}` };
    const statistics = await (await fetch(`${url}/api/statistics`, { headers })).json();
    t.ok(z.looseObject({ total_predictions: z.number() }).parse(statistics).total_predictions >= 3 * BATCH);
  });

  t.test('a draining server refuses new calls', async (t) => {
    await app.drain();
    await t.rejects(infer(inferRequest('UINT8', PIXELS)), { code: status.UNAVAILABLE });
  });
});
