import { createHash } from 'node:crypto';
import sharp from 'sharp';
import t from 'tap';
import { errorOf, fixtureImage, formWith, predictionOf } from '../support/answers.js';
import { startServer } from '../support/running-server.js';

type Body = NonNullable<RequestInit['body']>;

t.test('POST /api/predict', async (t) => {
  const { url } = await startServer(t);
  const jpeg = await fixtureImage('cat-0000');
  const post = (body: Body, type?: string, path = '/api/predict'): Promise<Response> =>
    fetch(url + path, { method: 'POST', body, ...(type && { headers: { 'Content-Type': type } }) });
  const bytes = (image: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(image);

  t.test('answers a form with the fields that old clients read', async (t) => {
    const response = await post(formWith('file', { 'cat.jpg': jpeg }, 'image/jpeg'));
    t.equal(response.status, 200);
    t.match(
      response.headers.get('server-timing'),
      /^queue;dur=[\d.]+, decode;dur=[\d.]+, inference;dur=[\d.]+$/,
    );
    const answer = await predictionOf(response);
    t.equal(answer.request_id, response.headers.get('x-request-id'));
    t.equal(answer.file_name, 'cat.jpg');
    const probabilities = Object.entries(answer.all_probabilities);
    t.equal(probabilities.length, 10);
    const sum = probabilities.reduce((total, [, probability]) => total + probability, 0);
    t.ok(Math.abs(sum - 1) < 1e-5, 'probabilities sum to 1');
    t.same(probabilities[answer.predicted_class_index], [answer.predicted_class, answer.confidence]);
    t.equal(answer.confidence, Math.max(...Object.values(answer.all_probabilities)));
  });

  t.test('forgives damage that browsers ignore, and says so in `warnings`', async (t) => {
    const scan = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]));
    const damaged = Buffer.concat([jpeg.subarray(0, scan), Buffer.from([1, 2]), jpeg.subarray(scan, -2)]);
    const whole = await predictionOf(await post(bytes(jpeg), 'image/jpeg'));
    const answer = await predictionOf(await post(bytes(damaged), 'image/jpeg'));
    t.same(answer.all_probabilities, whole.all_probabilities);
    t.match(answer.warnings, [/Extra bytes/, /no end marker/]);
    t.equal(whole.warnings, undefined);
    t.equal((await post(bytes(jpeg.subarray(0, -200)), 'image/jpeg')).status, 422);
  });

  t.test('gives the same answer whichever way the image came', async (t) => {
    const base64 = jpeg.toString('base64');
    const responses = [
      await post(formWith('file', { 'cat.jpg': jpeg })),
      await post(bytes(jpeg), 'image/jpeg'),
      await post(bytes(jpeg), 'application/octet-stream'),
      await post(JSON.stringify({ image: base64 }), 'application/json; charset=utf-8'),
      await post(JSON.stringify({ image: `data:image/jpeg;base64,${base64}` }), 'application/json'),
      await post(JSON.stringify({ image: base64 }), 'application/json', '/predict'),
    ];
    const answers = await Promise.all(responses.map(predictionOf));
    for (const answer of answers) t.same(answer.all_probabilities, answers[0]?.all_probabilities);
  });

  t.test('takes raw pixels of the model’s size: the same answer as for the image', async (t) => {
    const pixels = await sharp(await sharp(jpeg).png().toBuffer())
      .removeAlpha()
      .raw()
      .toBuffer();
    const png = await predictionOf(await post(bytes(await sharp(jpeg).png().toBuffer()), 'image/png'));
    const response = await post(bytes(pixels), 'application/vnd.fovea.pixels', '/api/predict?top_k=2');
    t.match(response.headers.get('server-timing'), /decode;dur=0,/);
    const answer = await predictionOf(response);
    t.same(answer.all_probabilities, png.all_probabilities);
    t.equal(answer.top_k?.length, 2);
    const past = `${url}/api/predictions/${answer.prediction_id}`;
    // Feedback writes the rows before it.
    await fetch(`${past}/feedback`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ label: answer.predicted_class }),
    });
    t.match(await (await fetch(past)).json(), {
      image_width: 32,
      image_height: 32,
      image_format: null,
      decode_ms: null,
      image_sha256: createHash('sha256').update(pixels).digest('hex'),
    });
  });

  t.test('pixels of another size are bad_request, which tells the right one', async (t) => {
    for (const size of [1, 3071, 3073]) {
      const response = await post(bytes(Buffer.alloc(size)), 'application/vnd.fovea.pixels');
      t.match(await errorOf(response), {
        status: 400,
        code: 'bad_request',
        details: { height: 32, width: 32, channels: 3, expected_bytes: 3072, received_bytes: size },
      });
    }
  });

  t.test('takes every image format, declared or not', async (t) => {
    const picture = sharp(jpeg);
    const variants: Record<string, Buffer> = {
      'image/png': await picture.clone().png().toBuffer(),
      'image/webp': await picture.clone().webp({ lossless: true }).toBuffer(),
      'image/avif': await picture.clone().avif({ lossless: true }).toBuffer(),
      'image/gif': await picture.clone().gif().toBuffer(),
      'image/tiff': await picture.clone().tiff().toBuffer(),
    };
    for (const [type, image] of Object.entries(variants)) {
      t.equal((await post(bytes(image), type)).status, 200, type);
      t.equal((await post(formWith('file', { picture: image }))).status, 200, `${type} in a form`);
    }
    t.equal((await post(bytes(variants['image/png'] ?? jpeg), 'image/jpeg')).status, 200, 'the bytes decide');
    for (const type of [
      'image/*',
      'image/x-citrix-jpeg',
      '*/*',
      'binary/octet-stream',
      'application/x-www-form-urlencoded',
    ]) {
      t.equal((await post(bytes(jpeg), type)).status, 200, type);
      t.equal((await post(formWith('file', { 'a.jpg': jpeg }, type))).status, 200, `${type} in a form`);
    }
    t.equal((await post(bytes(jpeg))).status, 200, 'no type at all');
  });

  t.test('lists the likeliest classes in order with top_k', async (t) => {
    const answer = await predictionOf(await post(bytes(jpeg), 'image/jpeg', '/api/predict?top_k=3'));
    const confidences = answer.top_k?.map(({ confidence }) => confidence) ?? [];
    t.equal(confidences.length, 3);
    t.same(
      confidences,
      confidences.toSorted((a, b) => b - a),
    );
    t.match(answer.top_k?.[0], { class: answer.predicted_class, confidence: answer.confidence });
    for (const bad of ['0', '-1', 'x', '1.5', '']) {
      const response = await post(bytes(jpeg), 'image/jpeg', `/api/predict?top_k=${bad}`);
      t.match(await errorOf(response), {
        status: 400,
        code: 'bad_request',
        details: { problems: [/top_k/] },
      });
    }
  });

  t.test('a type that we do not take is unsupported_type', async (t) => {
    t.match(await errorOf(await post('hello', 'text/plain')), { status: 415, code: 'unsupported_type' });
    t.match(await errorOf(await post('<svg/>', 'image/svg+xml')), { status: 422, code: 'undecodable_image' });
    const form = await post(formWith('file', { 'a.pdf': jpeg }, 'application/pdf'));
    t.match(await errorOf(form), { status: 415, code: 'unsupported_type' });
    const json = await post(JSON.stringify({ image: 'data:text/html;base64,AAAA' }), 'application/json');
    t.match(await errorOf(json), { status: 415, code: 'unsupported_type' });
  });

  t.test('JSON may start with a byte order mark', async (t) => {
    const body = `\ufeff${JSON.stringify({ image: jpeg.toString('base64') })}`;
    t.equal((await post(body, 'application/json')).status, 200);
  });

  t.test('a refusal says that the image is no base64, and which fields the form has', async (t) => {
    for (const image of ['http://localhost/cat.jpg', '/home/photos/cat.jpg', 'data:image/jpeg;base64,%%%']) {
      const answer = await errorOf(await post(JSON.stringify({ image }), 'application/json'));
      t.match(answer, { status: 422, code: 'undecodable_image', error: /not base64/ });
    }
    const form = await errorOf(await post(formWith('image', { 'cat.jpg': jpeg })));
    t.match(form, { status: 400, code: 'bad_request', details: { fields: ['image'] } });
  });

  t.test('a data URL that is none is bad_request, however long it is', async (t) => {
    for (const image of ['data:image/png,AAAA', 'data:image/png', `data:${';'.repeat(12_000_000)}`]) {
      const answer = await errorOf(await post(JSON.stringify({ image }), 'application/json'));
      t.match(answer, { status: 400, code: 'bad_request' });
    }
  });

  t.test('bytes that are no whole image are undecodable_image', async (t) => {
    const wrong = { status: 422, code: 'undecodable_image' };
    t.match(await errorOf(await post('not an image', 'image/png')), wrong);
    t.match(await errorOf(await post(bytes(jpeg.subarray(0, 400)), 'image/jpeg')), wrong);
    t.match(await errorOf(await post(formWith('file', { a: jpeg.subarray(0, 400) }))), wrong);
    t.match(await errorOf(await post(JSON.stringify({ image: '!!!!' }), 'application/json')), wrong);
  });

  t.test('a request without image is bad_request or empty_body', async (t) => {
    t.match(await errorOf(await post(new Uint8Array(0), 'image/png')), { status: 400, code: 'empty_body' });
    t.match(await errorOf(await post(formWith('file', { a: new Uint8Array(0) }))), {
      status: 400,
      code: 'empty_body',
    });
    const requests: [Body, string?][] = [
      [formWith('other', { a: jpeg })],
      [formWith('file', { a: jpeg, b: jpeg })],
      ['garbage', 'multipart/form-data; boundary=b'],
      ['--b\r\n', 'multipart/form-data'],
      ['{', 'application/json'],
      ['{"image": 7}', 'application/json'],
      ['[]', 'application/json'],
    ];
    for (const [body, type] of requests.filter((_, index) => index !== 1)) {
      t.match(await errorOf(await post(body, type)), { status: 400, code: 'bad_request' });
    }
    const two = await post(...(requests[1] ?? ['']));
    t.match(await errorOf(two), { status: 413, code: 'too_large', details: { max_files: 1 } });
  });

  t.test('after all these faults it still answers', async (t) => {
    t.equal((await post(bytes(jpeg), 'image/jpeg')).status, 200);
  });
});
