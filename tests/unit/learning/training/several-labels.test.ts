import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { openVersion } from '../../../../src/models/repository/open-version.js';
import { resolveVersion } from '../../../../src/models/repository/resolve-version.js';
import { FIXTURES } from '../../../support/images.js';
import { loadNative } from '../../../support/load-engine.js';
import { train } from '../../../support/run-training.js';
import { tinyTraining } from '../../../support/training-request.js';

const run = promisify(execFile);
const BASE = (await resolveVersion('models', { model: 'cifar10-cnn', version: undefined })).directory;

/** Photographs of six classes with labels in a table: some have two labels, some none. */
async function severalLabels(folder: string, rows: Readonly<Record<string, string>>): Promise<string> {
  const data = join(folder, 'several');
  await mkdir(data, { recursive: true });
  const lines = ['file,labels'];
  for (const [name, labels] of Object.entries(rows)) {
    for (const number of ['0000', '0001']) {
      const file = `${name}-${number}.jpg`;
      await cp(join(FIXTURES, 'images', file), join(data, file));
      lines.push(`${file},${labels}`);
    }
  }
  await writeFile(join(data, 'labels.csv'), lines.join('\n'));
  return data;
}

const ROWS = {
  cat: 'animal|pet',
  dog: 'pet|animal',
  bird: 'animal|flies',
  airplane: 'flies',
  ship: '',
  truck: '',
};

t.test(
  'a head of several labels answers each by itself, as an ONNX file that ends in a sigmoid',
  async (t) => {
    const folder = t.testdir();
    const several = { model: 'tags', task: 'multi', base_directory: BASE } as const;
    const data = await severalLabels(folder, ROWS);
    const events = await train(await tinyTraining(folder, { learn: 'auto' }, { ...several, data }));
    t.match(
      events.find(({ type }) => type === 'chosen'),
      { learn: 'head', reason: /several labels/ },
    );
    const directory = join(folder, 'models/tags/1');
    const version = await openVersion({ directory, model: 'tags', version: 1 });
    const { manifest } = version;
    t.same(manifest.labels, ['animal', 'flies', 'pet']);
    t.match(manifest, {
      output: { activation: 'none', task: 'multi', thresholds: [0.5] },
      training: { train_images: 6, validation_images: 6, temperature: { value: Number } },
      metrics: { validation: { task: 'multi', images: 6, mean_average_precision: Number } },
      drift_baseline: { images: 6 },
    });
    t.same(
      manifest.metrics.validation?.per_class.map(({ support }) => support),
      [4, 2, 2],
      'images of each label validate',
    );
    const engine = await loadNative(version, { device: 'cpu', maxBatchSize: 1, threads: 1 });
    t.teardown(() => engine.dispose());
    t.equal(engine.outputKind, 'scores');

    const env = { FOVEA_MODELS_DIR: join(folder, 'models'), FOVEA_STATE_DIR: join(folder, 'state') };
    const command = ['dist/src/cli/main.js', 'calibrate', '--data', data, '--model', 'tags'];
    const { stdout } = await run(process.execPath, command, { env: { ...process.env, ...env } });
    t.match(stdout, /tags version 1 on 6 images/);

    const incumbent = { version: 1, directory };
    const next = await train(await tinyTraining(folder, { learn: 'head' }, { ...several, data, incumbent }));
    t.match(next.at(-1), { type: 'finished', version: 2, incumbent_accuracy: null }, 'it learned them');
    const changed = { ...several, base_directory: directory, data, task: 'single' } as const;
    await t.rejects(train(await tinyTraining(folder, { learn: 'head' }, changed)), {
      code: 'bad_request',
      message: /output.task of tags\/1 is multi/,
    });
  },
);

t.test('what several labels cannot be learned from is refused by its code', async (t) => {
  const folder = t.testdir();
  const several = { model: 'tags', task: 'multi', base_directory: BASE } as const;
  const refusal = async (
    rows: Readonly<Record<string, string>>,
    settings: object,
    changes: Parameters<typeof tinyTraining>[2] = {},
  ) => {
    await rm(join(folder, 'several'), { recursive: true, force: true });
    const data = await severalLabels(folder, rows);
    const request = await tinyTraining(folder, settings, { ...several, data, ...changes });
    return train(request).then(
      () => undefined,
      (error: unknown) => error,
    );
  };
  const head = { learn: 'head' };
  const code = 'dataset_invalid';
  t.match(await refusal(ROWS, head, { known_labels: ['animal', 'elk'] }), {
    code,
    message: /no image to train on of elk/,
  });
  t.match(await refusal({ cat: 'a|b', dog: 'b' }, head), { code, message: /every image to train on has b/ });
  t.match(await refusal({ cat: 'Pet', dog: 'pet|b' }, head), { code, message: /"Pet" and "pet" differ/ });
  t.match(await refusal(ROWS, { learn: 'last:2' }), { code: 'bad_request', message: /learn head or auto/ });
  t.match(await refusal(ROWS, { learn: 'all' }, { base_directory: null }), { code: 'bad_request' });
  t.match(await refusal(ROWS, head, { labels: ['a', 'b'] }), { code: 'bad_request' });
  await refusal(ROWS, head);
  const table = join(folder, 'several/labels.csv');
  const text = await readFile(table, 'utf8');
  const data = join(folder, 'several');
  const ask = async (changes: object = {}) =>
    train(await tinyTraining(folder, head, { ...several, data, ...changes }));
  await writeFile(table, `${text}\nelk-0000.jpg,animal`);
  await t.rejects(ask(), { code, message: /row without image: elk-0000/ });
  await writeFile(table, text.replace('ship-0001.jpg,\n', ''));
  await t.rejects(ask(), { code, message: /no label for ship-0001/ });
  await writeFile(table, `${text.replaceAll(/,$/gm, ',pet')}\ncat-0000.jpg,wild`);
  await t.rejects(ask({ task: 'single' }), { code, message: /two labels.*task multi/ });
});
