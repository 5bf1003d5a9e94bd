import t from 'tap';
import { z } from 'zod';
import { fixtureImage, formWith, predictionOf } from '../support/answers.js';
import { errorCodeSchema } from '../support/protocol-answers.js';
import { startServer } from '../support/running-server.js';

const MODEL = '/v1/models/cifar10-cnn';
const PIXELS = Array.from({ length: 32 }, (_, y) =>
  Array.from({ length: 32 }, (_, x) => [0, 1, 2].map((channel) => (y * 7 + x * 5 + channel * 90) % 256)),
);

const predictionsSchema = z.strictObject({ predictions: z.array(z.array(z.number())) });

t.test('TensorFlow Serving’s REST API and TorchServe’s paths', async (t) => {
  const { url } = await startServer(t);
  const jpeg = await fixtureImage('cat-0000');
  const b64 = jpeg.toString('base64');
  const own = await predictionOf(
    await fetch(`${url}/api/predict`, { method: 'POST', body: Uint8Array.from(jpeg) }),
  );
  const expected = Object.values(own.all_probabilities).map(Math.fround);
  const post = (body: unknown, verb = ':predict'): Promise<Response> =>
    fetch(`${url}${MODEL}${verb}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const predictionsOf = async (response: Response): Promise<number[][]> => {
    t.equal(response.status, 200);
    return predictionsSchema.parse(await response.json()).predictions;
  };
  const get = async (path: string): Promise<unknown> => (await fetch(url + path)).json();

  t.test('files in rows, bare or named, get the numbers of our own API', async (t) => {
    for (const instance of [{ b64 }, { image: { b64 } }]) {
      const predictions = await predictionsOf(await post({ instances: [instance, instance, instance] }));
      t.equal(predictions.length, 3);
      for (const prediction of predictions) t.same(prediction.map(Math.fround), expected);
    }
    const urlSafe = b64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    t.same(
      (await predictionsOf(await post({ instances: [{ b64: urlSafe }] })))[0]?.map(Math.fround),
      expected,
    );
  });

  t.test('columns answer `outputs`; pixels may be bare, named, or computed by the client', async (t) => {
    const [prediction] = await predictionsOf(await post({ instances: [PIXELS] }));
    const same = [{ inputs: [PIXELS] }, { inputs: { pixels: [PIXELS] } }];
    for (const body of same) t.same(await (await post(body)).json(), { outputs: [prediction] });
    const floats = PIXELS.map((row) => row.map((pixel) => pixel.map((value) => value / 255)));
    const computed = { signature_name: 'preprocessed', instances: [floats] };
    t.same(await predictionsOf(await post(computed)), [prediction]);
    t.equal((await post({ instances: [floats] })).status, 400, 'fractions are no pixels');
  });

  t.test(':classify ranks the labels', async (t) => {
    const examples = [{ image: { b64 } }, { image: [{ b64 }] }];
    const answer = await (
      await post({ examples, context: { camera: 'door' }, top_k: 2 }, ':classify')
    ).json();
    const { results } = z
      .object({ results: z.array(z.array(z.tuple([z.string(), z.number()]))) })
      .parse(answer);
    t.equal(results.length, 2);
    t.same(results[0], results[1]);
    t.match(results[0], [[own.predicted_class, Number], Object]);
    t.equal((await post({ examples }, ':regress')).status, 400);
  });

  t.test('versions and labels', async (t) => {
    const body = { instances: [{ b64 }] };
    for (const path of ['/versions/4', '/labels/stable'])
      t.same((await predictionsOf(await post(body, `${path}:predict`)))[0]?.map(Math.fround), expected);
    for (const [path, status] of [
      ['/versions/999', 404],
      ['/versions/x', 400],
      ['/labels/canary', 404],
    ] as const) {
      const response = await post(body, `${path}:predict`);
      t.equal(response.status, status, path);
      errorCodeSchema.parse(await response.json());
    }
    t.match(await get(MODEL), {
      name: 'cifar10-cnn',
      ready: true,
      model_version_status: [
        { version: '4', state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' } },
        { version: '3', state: 'END' },
      ],
    });
    t.match(await get(`${MODEL}/metadata`), {
      model_spec: { name: 'cifar10-cnn', version: '4' },
      metadata: {
        signature_def: {
          signature_def: {
            serving_default: { inputs: { image: { dtype: 'DT_STRING' }, pixels: { dtype: 'DT_UINT8' } } },
            preprocessed: { inputs: { pixels: { dtype: 'DT_FLOAT' } } },
          },
        },
      },
    });
    t.same(await get('/v1/models'), { models: ['cifar10-cnn', 'fashion-mnist-cnn'] });
    t.equal((await fetch(`${url}/v1/models/nope`)).status, 404);
  });

  t.test('malformed requests get {"error": …}', async (t) => {
    const bad: unknown[] = [
      '',
      '{"instances": [NaN]}',
      {},
      { instances: [] },
      { instances: [{ b64 }], inputs: [{ b64 }] },
      { instances: [{ b64 }, PIXELS] },
      { instances: [PIXELS, { image: { b64 } }] },
      { instances: [PIXELS, PIXELS.slice(1)] },
      { instances: [{ image: { b64 }, pixels: PIXELS }] },
      { instances: [{ b64: '%%%%' }] },
      { instances: [{ b64, more: 1 }] },
      { instances: [PIXELS.map((row) => row.map(String))] },
      { instances: PIXELS },
      { instances: [{ other: PIXELS }] },
      { instances: [{ b64 }], signature_name: 'none' },
      { inputs: 7 },
      `{"instances":${'['.repeat(5000)}${']'.repeat(5000)}}`,
    ];
    for (const body of bad) {
      const response = await post(body);
      t.equal(response.status, 400, JSON.stringify(body).slice(0, 60));
      errorCodeSchema.parse(await response.json());
    }
    t.equal((await post({ instances: [{ b64: 'AAAA' }] })).status, 422);
    t.equal((await post(`{"instances":[${'1,'.repeat(1_100_000)}1]}`)).status, 413);
    t.equal((await post({ instances: [{ b64 }] })).status, 200, 'it still answers');
  });

  t.test('TorchServe’s predictions answer the top five classes', async (t) => {
    const body = Uint8Array.from(jpeg);
    const predict = (path: string, sent: NonNullable<RequestInit['body']> = body): Promise<Response> =>
      fetch(`${url}/predictions/${path}`, { method: 'POST', body: sent });
    const answer = z.record(z.string(), z.number()).parse(await (await predict('cifar10-cnn')).json());
    t.equal(Object.keys(answer).length, 5);
    t.same(Object.keys(answer)[0], own.predicted_class);
    t.equal(Math.fround(answer[own.predicted_class] ?? 0), Math.fround(own.confidence));
    t.same(await (await predict('cifar10-cnn/4', formWith('data', { 'a.jpg': jpeg }))).json(), answer);
    t.same(await get('/ping'), { status: 'Healthy' });
    t.match(await get('/models'), {
      models: [{ modelName: 'cifar10-cnn' }, { modelName: 'fashion-mnist-cnn' }],
    });
    const missing = { code: 404, type: 'ModelNotFoundException', message: String };
    t.match(await (await predict('nope')).json(), missing);
    t.match(await (await predict('cifar10-cnn', 'no image')).json(), {
      code: 422,
      type: 'BadRequestException',
    });
    t.match(await (await predict('cifar10-cnn/9')).json(), missing);
    t.match(await (await predict('cifar10-cnn', 'no image')).json(), { code: 422, message: String });
    t.match(await (await fetch(`${url}/predictions/a/b/c`)).json(), missing);
  });

  t.test('the history knows where the images came from', async (t) => {
    const { predictions } = z
      .object({ predictions: z.array(z.object({ source: z.string() })) })
      .parse(await get('/api/predictions?source=protocol&limit=1'));
    t.same(predictions, [{ source: 'protocol' }]);
  });
});
