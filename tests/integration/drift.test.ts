import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { driftAnswerSchema } from '../../src/insight/drift/unusual-images.js';
import { portOf } from '../support/port-of.js';
import { startServer } from '../support/running-server.js';

const SECRET = 'between you and me';
const names = (await readdir('tests/fixtures/images')).filter((name) => /-\d{4}\.jpg$/.test(name));
const photographs = await Promise.all(names.map((name) => readFile(`tests/fixtures/images/${name}`)));

const messageSchema = z.looseObject({
  event: z.literal('drift_state_changed'),
  state: z.string(),
  previous: z.string().nullable(),
});

interface Heard {
  readonly state: string;
  readonly isSigned: boolean;
}

/** Somebody who is told of drift, over real HTTP. */
async function listen(t: Test): Promise<{ url: string; heard: Heard[]; refuseOnce: () => void }> {
  const heard: Heard[] = [];
  let isRefusing = false;
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      if (isRefusing) {
        isRefusing = false;
        response.writeHead(500).end();
        return;
      }
      const expected = `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
      const { state } = messageSchema.parse(JSON.parse(body.toString()));
      heard.push({ state, isSigned: request.headers['x-fovea-signature'] === expected });
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return {
    url: `http://127.0.0.1:${portOf(server)}/hook`,
    heard,
    refuseOnce: () => {
      isRefusing = true;
    },
  };
}

async function sendAll(url: string, images: readonly Buffer[], times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    const form = new FormData();
    for (const image of images) form.append('files', new Blob([Uint8Array.from(image)]), 'image');
    const response = await fetch(`${url}/api/predict/batch`, { method: 'POST', body: form });
    if (!response.ok) throw new Error(await response.text());
    await response.body?.cancel();
  }
}

async function reportOf(url: string, query = ''): Promise<z.infer<typeof driftAnswerSchema>> {
  const response = await fetch(`${url}/api/drift${query}`);
  return driftAnswerSchema.parse(await response.json());
}

t.test('darkened and noisy images turn the state, which is told, and shown over time', async (t) => {
  const hook = await listen(t);
  const { url } = await startServer(t, {
    FOVEA_HISTORY_DURABILITY: 'strict',
    FOVEA_DRIFT_MIN_SAMPLES: '100',
    // So few photographs, each sent often, are not spread as 2,500 are.
    FOVEA_DRIFT_WARNING: '2',
    FOVEA_DRIFT_DRIFTED: '4',
    FOVEA_DRIFT_SAMPLES_PER_SECOND: '1000000',
    FOVEA_DRIFT_CHECK_INTERVAL_MS: '200',
    FOVEA_DRIFT_WEBHOOK_URL: hook.url,
    FOVEA_DRIFT_WEBHOOK_SECRET: SECRET,
  });
  t.match(await reportOf(url), { state: 'insufficient_data', baseline_images: 2500 });

  await sendAll(url, photographs, Math.ceil(120 / photographs.length));
  const before = await reportOf(url);
  t.equal(before.state, 'ok', JSON.stringify(before.signals));
  t.same(hook.heard, [], 'that all is well is no news');

  const noise = { type: 'gaussian', mean: 10, sigma: 10 } as const;
  const overlay = await sharp({ create: { width: 32, height: 32, channels: 3, background: '#000', noise } })
    .png()
    .toBuffer();
  const dark = await Promise.all(
    photographs.map((photograph) =>
      sharp(photograph)
        .linear(0.1, 0)
        .composite([{ input: overlay, blend: 'add' }])
        .png()
        .toBuffer(),
    ),
  );
  hook.refuseOnce();
  await sendAll(url, dark, Math.ceil(1200 / dark.length));
  const after = await reportOf(url, '?window=day&periods=2');
  t.equal(after.state, 'drifted', JSON.stringify(after.signals));
  t.ok((after.signals.brightness?.psi ?? 0) > 2 * (before.signals.brightness?.psi ?? 0));
  t.equal(after.over_time.at(-1)?.state, 'drifted');
  for (let wait = 0; wait < 100 && hook.heard.at(-1)?.state !== 'drifted'; wait++)
    await new Promise((resolve) => setTimeout(resolve, 100));
  t.equal(hook.heard.at(-1)?.state, 'drifted', 'told again after it was not taken');
  t.ok(hook.heard.every(({ isSigned }) => isSigned));
  const metrics = await (await fetch(`${url}/metrics`)).text();
  t.match(metrics, /^fovea_drift_state\{model="cifar10-cnn",version="\d+"\} 3$/m);
  t.match(metrics, /^fovea_drift_psi\{.*signal="brightness"\} [\d.]+$/m);
});

t.test('what cannot be asked is refused', async (t) => {
  const { url } = await startServer(t);
  const statusOf = async (query: string) => (await fetch(`${url}/api/drift${query}`)).status;
  t.equal(await statusOf('?window=week'), 400);
  t.equal(await statusOf('?window=day&periods=61'), 400);
  t.equal(await statusOf('?model=none'), 404);
});
