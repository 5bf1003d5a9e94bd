import sharp from 'sharp';
import t from 'tap';
import { errorOf, fixtureImage, predictionOf } from '../support/answers.js';
import { startServer } from '../support/running-server.js';
import { Upload } from '../support/upload.js';

const KIBIBYTE = 1024;
const TYPE = { 'Content-Type': 'image/jpeg' };

t.test('bodies of any size and pace', async (t) => {
  const { url } = await startServer(t, {
    FOVEA_MAX_BODY_BYTES: String(256 * KIBIBYTE),
    FOVEA_MAX_INPUT_PIXELS: '1000000',
  });
  const predict = `${url}/api/predict`;
  const jpeg = await fixtureImage('cat-0000');
  const photo = await sharp({
    create: {
      width: 300,
      height: 300,
      channels: 3,
      background: '#888',
      noise: { type: 'gaussian', mean: 128, sigma: 50 },
    },
  })
    .jpeg({ quality: 100 })
    .toBuffer();

  t.test('a declared length beyond the limit is too_large before the body is read', async (t) => {
    const upload = new Upload(predict, { ...TYPE, 'Content-Length': String(10 ** 9) });
    const { status, body } = await upload.answer;
    t.equal(status, 413);
    t.match(JSON.parse(body), { code: 'too_large', details: { max_body_bytes: 256 * KIBIBYTE } });
    upload.abort();
  });

  t.test('a body without declared length is too_large once it passes the limit', async (t) => {
    const upload = new Upload(predict, { ...TYPE, 'Transfer-Encoding': 'chunked' });
    for (let sent = 0; sent <= 256; sent += 32) await upload.send(Buffer.alloc(32 * KIBIBYTE));
    t.equal((await upload.answer).status, 413);
    upload.abort();
  });

  t.test('a body of exactly the limit is read, one byte more is not', async (t) => {
    const padded = (bytes: number): Uint8Array<ArrayBuffer> => {
      const body = new Uint8Array(bytes);
      body.set(jpeg);
      return body;
    };
    const send = (bytes: number): Promise<Response> =>
      fetch(predict, { method: 'POST', body: padded(bytes), headers: TYPE });
    t.equal((await send(256 * KIBIBYTE)).status, 200);
    t.match(await errorOf(await send(256 * KIBIBYTE + 1)), { status: 413, code: 'too_large' });
  });

  t.test('chunked bodies and bodies in small pieces are put together', async (t) => {
    t.ok(photo.length > 64 * KIBIBYTE, 'larger than one read of a socket');
    const whole = await fetch(predict, { method: 'POST', body: Uint8Array.from(photo), headers: TYPE });
    const expected = await predictionOf(whole);
    for (const length of [{ 'Transfer-Encoding': 'chunked' }, { 'Content-Length': String(photo.length) }]) {
      const upload = new Upload(predict, { ...TYPE, ...length });
      for (let start = 0; start < photo.length; start += 5000) {
        await upload.send(photo.subarray(start, start + 5000));
      }
      upload.end();
      const { status, body } = await upload.answer;
      t.equal(status, 200);
      t.same(JSON.parse(body).all_probabilities, expected.all_probabilities);
    }
  });

  t.test('an image with too many pixels is too_large, however small its file', async (t) => {
    const huge = await sharp({ create: { width: 1001, height: 1000, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    const response = await fetch(predict, {
      method: 'POST',
      body: Uint8Array.from(huge),
      headers: { 'Content-Type': 'image/png' },
    });
    t.match(await errorOf(response), {
      status: 413,
      code: 'too_large',
      details: { max_input_pixels: 1_000_000 },
    });
  });

  t.test('an empty chunked body is empty_body', async (t) => {
    const upload = new Upload(predict, { ...TYPE, 'Transfer-Encoding': 'chunked' });
    upload.end();
    const { status, body } = await upload.answer;
    t.equal(status, 400);
    t.match(JSON.parse(body), { code: 'empty_body' });
  });

  t.test('a small refused body leaves the connection open, a large one closes it', async (t) => {
    const post = (bytes: number): Promise<Response> =>
      fetch(`${url}/nowhere`, { method: 'POST', body: new Uint8Array(bytes) });
    t.not((await post(KIBIBYTE)).headers.get('connection'), 'close');
    t.equal((await post(200 * KIBIBYTE)).headers.get('connection'), 'close');
  });

  t.test('clients that go mid-upload leave nothing behind', async (t) => {
    for (let client = 0; client < 20; client++) {
      const upload = new Upload(predict, { ...TYPE, 'Content-Length': String(jpeg.length) });
      await upload.send(jpeg.subarray(0, 100));
      upload.abort();
    }
    const response = await fetch(predict, { method: 'POST', body: Uint8Array.from(jpeg), headers: TYPE });
    t.equal(response.status, 200);
  });
});
