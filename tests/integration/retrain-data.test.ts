import { cpSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import { errorOf } from '../support/answers.js';
import { Catalogue, type Upload } from '../support/catalogue.js';
import { retrain, retrainingEnded, retrainingEnvironment, versionsOf } from '../support/retrainings.js';
import { startServer } from '../support/running-server.js';
import { editManifest, MODEL } from '../support/second-model.js';

/** Two tests share this server. */
const env = await retrainingEnvironment(t.testdir());
const shared = await startServer(t, env);

function upload(is: 'new' | 'existing', images: Upload['images']): void {
  const catalogue = new Catalogue(env.FOVEA_STATE_DIR, is);
  catalogue.add({ model: MODEL, images });
  catalogue.close();
}

t.test('wishes for data that cannot be had are told at once', async (t) => {
  const { url } = shared;
  const nothing = { status: 422, code: 'dataset_invalid', error: /POST \/api\/upload\/training-data/ };
  t.match(await errorOf(await retrain(url, { data: 'catalogue' })), nothing);
  upload('new', [['cat-0000', 'Cat']]);
  const wrong = [
    '/etc',
    [],
    [{ data: 'catalogue' }, { data: 'catalogue', weight: 2 }],
    [{ data: 'catalogue', weight: 0 }],
    [{ data: 'catalogue', weight: 101 }],
    [{ data: 'catalogue', path: '/etc' }],
  ];
  for (const data of wrong) {
    const refused = await errorOf(await retrain(url, { data }));
    t.match(refused, { status: 400, code: 'bad_request', details: { problems: [/data/] } });
  }
  t.equal((await retrain(url, { data: 'catalogue' })).status, 202);
  t.match(await retrainingEnded(url), {
    job: { error: { code: 'dataset_invalid', message: /two or more training images/ } },
  });
});

t.test('uploaded images train alone, or beside the configured ones by their weight', async (t) => {
  const { url } = shared;
  upload('existing', [
    ['cat-0001', 'Cat'],
    ['dog-0000', 'wolf'],
    ['dog-0001', 'wolf'],
    ['ship-0000', 'Ship', 'test'],
  ]);
  t.equal((await retrain(url, { data: 'catalogue', batch_size: 2 })).status, 202);
  t.match(await retrainingEnded(url), { job: { state: 'succeeded', progress: { steps_per_epoch: 1 } } });
  t.match((await versionsOf(url))[0], {
    version: 3,
    training: {
      train_images: 2,
      validation_images: 2,
      data: 'uploaded images of the catalogue',
      sources: [{ weight: 1, train_images: 2, validation_images: 2, test_images: 1, test_accuracy: Number }],
    },
  });

  const data = [{ data: 'configured' }, { data: 'catalogue', weight: 5 }];
  const settings = { auto_activate: true, max_accuracy_drop: 1, epochs: 1, validation_share: 0.1 };
  t.equal((await retrain(url, { data, ...settings })).status, 202);
  t.match(await retrainingEnded(url), {
    job: { result: { version: 4, is_activated: true }, progress: { steps_per_epoch: 3 } },
  });
  t.match(
    (await versionsOf(url))[0],
    {
      version: 4,
      parent: `${MODEL}/2`,
      training: {
        command: /POST \/api\/retrain .*"weight":5/,
        sources: [
          { weight: 1, train_images: 10, validation_images: 10 },
          { weight: 5, train_images: 1, validation_images: 1 },
        ],
      },
    },
    'the cats and the ship are among the configured images',
  );
  const info = z.looseObject({ class_names: z.array(z.string()) });
  const { class_names: names } = info.parse(await (await fetch(`${url}/api/model/info`)).json());
  t.same([names.length, names.at(-1)], [11, 'wolf'], 'the head has grown, and serves');
});

t.test('each model is trained for itself, held against its own active version', async (t) => {
  const own = await retrainingEnvironment(t.testdir());
  const name = 'cifar10-small';
  const directory = join(own.FOVEA_MODELS_DIR, name, '1');
  cpSync(join('models', MODEL, '1'), directory, { recursive: true });
  editManifest(directory, { model: name, version: 1 });
  const { url } = await startServer(t, { ...own, FOVEA_TRAINING_DATA_MODEL: name });
  t.match(await errorOf(await retrain(url, { model: 'none' })), { status: 404, code: 'not_found' });
  const another = await errorOf(await retrain(url, { data: 'configured' }));
  t.match(another, { status: 422, code: 'dataset_invalid', error: /FOVEA_TRAINING_DATA_MODEL/ });
  t.match(await errorOf(await retrain(url)), { status: 422, error: /no images of this model/ });
  t.equal(
    (await retrain(url, { model: name, epochs: 1, auto_activate: true, max_accuracy_drop: 1 })).status,
    202,
  );
  t.match(await retrainingEnded(url), { job: { model: name, result: { version: 2, is_activated: true } } });
  const listed = await (await fetch(`${url}/api/models`)).json();
  t.match(listed, {
    models: [
      { model: MODEL, active_version: 2, versions: [{ version: 2 }] },
      { model: name, active_version: 2, versions: [{ version: 2, parent: `${name}/1` }, { version: 1 }] },
    ],
  });
});
