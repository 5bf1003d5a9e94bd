import t from 'tap';
import { z } from 'zod';
import { predictionSchema } from '../../src/fronts/http/api/prediction-answer.js';
import { errorOf, fixtureImage, formWith, predictionOf } from '../support/answers.js';
import { startServer } from '../support/running-server.js';

const batchSchema = z.object({
  total_processed: z.int(),
  total_errors: z.int(),
  predictions: z.array(predictionSchema.extend({ index: z.int() })),
  errors: z.array(z.object({ index: z.int(), filename: z.string(), error: z.string(), code: z.string() })),
});

t.test('POST /api/predict/batch', async (t) => {
  const { url } = await startServer(t, { FOVEA_MAX_BATCH_IMAGES: '8' });
  const post = (form: FormData, query = ''): Promise<Response> =>
    fetch(`${url}/api/predict/batch${query}`, { method: 'POST', body: form });
  const images = { cat: await fixtureImage('cat-0000'), ship: await fixtureImage('ship-0000') };

  t.test('answers each image as if it had come alone, in order', async (t) => {
    const response = await post(formWith('files', images), '?top_k=1');
    t.equal(response.status, 200);
    t.match(response.headers.get('server-timing'), /inference;dur=/);
    const batch = batchSchema.parse(await response.json());
    t.match(batch, { total_processed: 2, total_errors: 0, errors: [] });
    for (const [index, [name, image]] of Object.entries(images).entries()) {
      const alone = await predictionOf(
        await fetch(`${url}/api/predict`, { method: 'POST', body: formWith('file', { [name]: image }) }),
      );
      const together = batch.predictions[index];
      t.match(together, { index, file_name: name, predicted_class: alone.predicted_class });
      t.ok(Math.abs((together?.confidence ?? 0) - alone.confidence) < 1e-4);
      t.equal(together?.top_k?.length, 1);
    }
  });

  t.test('faults each bad image by itself', async (t) => {
    const form = formWith('files', {
      ...images,
      broken: images.cat.subarray(0, 300),
      empty: new Uint8Array(0),
    });
    form.append('files', new Blob(['%PDF'], { type: 'application/pdf' }), 'a.pdf');
    const batch = batchSchema.parse(await (await post(form)).json());
    t.match(batch, { total_processed: 2, total_errors: 3 });
    t.match(batch.predictions, [{ file_name: 'cat' }, { file_name: 'ship' }]);
    t.match(batch.errors, [
      { index: 2, filename: 'broken', code: 'undecodable_image' },
      { index: 3, filename: 'empty', code: 'empty_body' },
      { index: 4, filename: 'a.pdf', code: 'unsupported_type' },
    ]);
  });

  t.test('refuses more images than allowed, and forms without any', async (t) => {
    const nine = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`${index}`, images.cat]));
    t.match(await errorOf(await post(formWith('files', nine))), { status: 413, code: 'too_large' });
    t.match(await errorOf(await post(formWith('file', images))), { status: 400, code: 'bad_request' });
    const raw = await fetch(`${url}/api/predict/batch`, {
      method: 'POST',
      body: Uint8Array.from(images.cat),
    });
    t.match(await errorOf(raw), { status: 415, code: 'unsupported_type' });
  });
});
