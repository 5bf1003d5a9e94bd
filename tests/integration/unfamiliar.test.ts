import { cpSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import t from 'tap';
import { errorOf, fixtureImage, predictionOf } from '../support/answers.js';
import { operatorFetch } from '../support/operator.js';
import { retrain, retrainingEnded } from '../support/retrainings.js';
import { added, type Files, formOf, startUploading } from '../support/uploading.js';

const BASE = 'cifar10-cnn';
const CLASSES = ['cat', 'dog', 'horse'];
const TAKES = 8;

const folder = t.testdir();
cpSync(join('models', BASE, '3'), join(folder, 'models', BASE, '3'), { recursive: true });
const { url, upload } = await startUploading(t, join(folder, 'state'), {
  FOVEA_MODELS_DIR: join(folder, 'models'),
});

/** A photograph of one animal, taken again: a little brighter and sharper each time. */
async function take(animal: string, number: number): Promise<Uint8Array> {
  const image = sharp(await fixtureImage(`${animal}-0000`)).modulate({ brightness: 0.8 + 0.05 * number });
  return Uint8Array.from(
    await image
      .sharpen({ sigma: 0.5 + 0.1 * number })
      .png()
      .toBuffer(),
  );
}

async function takesOf(animal: string): Promise<Files> {
  const numbers = Array.from({ length: TAKES }, (_, number) => number);
  return Promise.all(
    numbers.map(async (number) => [`${number}.png`, animal, await take(animal, number)] as const),
  );
}

function create(changes: object): Promise<Response> {
  const wanted = { name: 'animals', base: { model: BASE }, labels: CLASSES, ...changes };
  const headers = { 'Content-Type': 'application/json' };
  return operatorFetch(`${url}/api/models`, { method: 'POST', headers, body: JSON.stringify(wanted) });
}

/** Whether the answer calls an image unfamiliar: a further one of a class, and one of another kind. */
async function answers(): Promise<{ near: boolean | undefined; far: boolean | undefined }> {
  const ask = async (image: Uint8Array) => {
    const sent = { method: 'POST', body: Uint8Array.from(image) };
    return (await predictionOf(await fetch(`${url}/api/predict?model=animals`, sent))).unfamiliar;
  };
  return {
    near: await ask(await take('dog', TAKES / 2 + 0.5)),
    far: await ask(await fixtureImage('ship-0000')),
  };
}

t.test(
  'answers say which images are unfamiliar, as the creator of the model or a training asks',
  async (t) => {
    t.match(await errorOf(await create({ unfamiliar_above: 'far' })), { status: 400, code: 'bad_request' });
    t.match(await (await create({ unfamiliar_above: 1 })).json(), { unfamiliar_above: 1 });
    t.match(await (await fetch(`${url}/api/models/animals`)).json(), { planned: { unfamiliar_above: 1 } });
    const form = formOf((await Promise.all(CLASSES.map(takesOf))).flat());
    form.append('split', 'train');
    await added(await upload(form, {}, '?model=animals'));
    const train = async (settings: object) => {
      const wanted = { model: 'animals', auto_activate: true, max_accuracy_drop: 1 };
      t.equal((await retrain(url, { ...wanted, ...settings })).status, 202, JSON.stringify(settings));
      t.match(await retrainingEnded(url), { job: { result: { is_activated: true } } });
    };
    for (const refused of [
      { learn: 'all' },
      { learn: 'last:2' },
      { base_version: null, unfamiliar_above: 1 },
    ])
      t.match(await errorOf(await retrain(url, { model: 'animals', ...refused })), {
        status: 400,
        code: 'bad_request',
        error: /Only a head on a base knows unfamiliar_above/,
      });
    t.match(await errorOf(await retrain(url, { unfamiliar_above: 'far' })), { status: 400 });

    await train({});
    t.same(await answers(), { near: false, far: true });
    await train({});
    t.same(await answers(), { near: false, far: true }, 'a further version keeps it');
    for (const learn of ['all', 'last:2'])
      t.match(
        await errorOf(await retrain(url, { model: 'animals', learn })),
        { status: 400, code: 'bad_request', error: /animals\/2 has 1: .*null/ },
        `${learn} cannot keep it, and does not drop it unasked`,
      );
    await train({ unfamiliar_above: 1000 });
    t.same(await answers(), { near: false, far: false });
    await train({ learn: 'last:2', epochs: 1, max_first_epoch_drop: 1, unfamiliar_above: null });
    t.same(await answers(), { near: undefined, far: undefined }, 'null ends it');
    await train({ learn: 'head', unfamiliar_above: 1 });
    t.same(await answers(), { near: false, far: true }, 'a head on the new features has it again');
  },
);
