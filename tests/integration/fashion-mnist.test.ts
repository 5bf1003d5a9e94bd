import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import t from 'tap';
import { z } from 'zod';
import type { Dataset } from '../../src/learning/datasets/dataset.js';
import { openSource } from '../../src/learning/datasets/open.js';
import { readDataset } from '../../src/learning/datasets/read.js';
import { stretchedInput } from '../../src/models/repository/image-input.js';
import { predictionOf } from '../support/answers.js';
import { FIXTURES } from '../support/images.js';
import { operatorFetch } from '../support/operator.js';
import { startServer } from '../support/running-server.js';

const MODEL = 'fashion-mnist-cnn';
/** Forty images a split, four of each class. */
const DATA = join(FIXTURES, 'datasets/fashion-mnist');
const INPUT = stretchedInput({ height: 28, width: 28, channels: 1 }, 1, 0);

async function readFixture(): Promise<Dataset> {
  return readDataset(await openSource(DATA, { cacheDir: '/nowhere' }), {
    input: INPUT,
    decode: () => Promise.reject(new Error('Pixels are not decoded.')),
    splits: ['train', 'test'],
    onImage: () => undefined,
  });
}

t.test('the model of another size, one channel and other classes answers PNG files', async (t) => {
  const { url } = await startServer(t, { FOVEA_MODEL: MODEL });
  const { test } = await readFixture();
  const info: unknown = await (await fetch(`${url}/api/models/${MODEL}`)).json();
  t.match(info, { versions: [{ version: 1 }] });
  let hits = 0;
  for (let index = 0; index < test.length; index++) {
    const png = await sharp(test.row(index), { raw: INPUT }).png().toBuffer();
    const response = await fetch(`${url}/api/predict`, {
      method: 'POST',
      body: Uint8Array.from(png),
      headers: { 'Content-Type': 'image/png' },
    });
    const answer = await predictionOf(response);
    if (answer.predicted_class_index === test.classOf(index)) hits++;
  }
  t.ok(hits >= 0.85 * test.length, `${hits} of ${test.length} are right`);
});

const statusSchema = z.looseObject({ is_retraining: z.boolean(), job: z.unknown() });

t.test('it is retrained over HTTP on IDX files', async (t) => {
  const folder = t.testdir();
  cpSync(join('models', MODEL), join(folder, MODEL), { recursive: true });
  const { url } = await startServer(t, {
    FOVEA_MODELS_DIR: folder,
    FOVEA_TRAINING_DATA: DATA,
    FOVEA_RETRAINING_EPOCHS: '1',
    FOVEA_RETRAINING_BATCH_SIZE: '12',
  });
  t.equal((await operatorFetch(`${url}/api/retrain`, { method: 'POST' })).status, 202);
  for (;;) {
    const status = statusSchema.parse(await (await fetch(`${url}/api/retrain/status`)).json());
    if (!status.is_retraining) {
      t.match(status.job, { state: 'succeeded', model: MODEL, result: { version: 2 } });
      break;
    }
    await sleep(50);
  }
  const { versions } = z
    .looseObject({ versions: z.array(z.looseObject({ version: z.int(), parent: z.string().nullable() })) })
    .parse(await (await fetch(`${url}/api/models/${MODEL}`)).json());
  t.match(versions[0], { version: 2, parent: `${MODEL}/1` });
});
