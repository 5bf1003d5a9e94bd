import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import tf = require('@tensorflow/tfjs');

import { test } from 'tap';
import type { ModelFormat } from '../../../../src/models/formats/format.js';
import { FORMATS } from '../../../../src/models/formats/formats.js';
import { openModel } from '../../../../src/models/formats/open-model.js';
import { summarizeModel } from '../../../../src/models/formats/summarize-model.js';
import { outputKindOf } from '../../../../src/models/plan/output-kind.js';
import { modelOutputSchema } from '../../../../src/models/repository/model-output.js';
import { mobileNet, upSamplingNet } from '../../../support/architectures.js';
import { testManifest, writeModelVersion } from '../../../support/model-version.js';

test('a tfjs LayersModel is recognized, summarized, and compiled once', async (t) => {
  const model = mobileNet();
  const source = await openModel(await writeModelVersion(t.testdir(), model));
  t.equal(source.format, 'tfjs-layers');
  t.same(
    source.layers.map(({ name, kind, parameters }) => [name, kind, parameters]),
    model.layers.map((layer) => [layer.name, layer.getClassName(), layer.countParams()]),
  );
  t.match(summarizeModel(source), new RegExp(`Total parameters: ${model.countParams()}$`));
  t.equal(await source.plan(), await source.plan());
});

test('a model that no plan can express is opened and summarized all the same', async (t) => {
  const source = await openModel(await writeModelVersion(t.testdir(), upSamplingNet()));
  t.match(await source.plan(), { unsupported: { reason: /UpSampling2D/ } });
  t.ok(source.layers.some(({ kind }) => kind === 'UpSampling2D'));
});

test('the weights are read when the plan is wanted, not before', async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  await writeFile(join(version.directory, 'weights.bin'), '');
  const source = await openModel(version);
  await t.rejects(source.plan(), { code: 'model_invalid', message: /weights end/ });
});

test('a folder in no known format is a model that cannot be used, and the message names the formats', async (t) => {
  const versionIn = (directory: string) => ({
    model: 'm',
    version: 1,
    directory,
    manifest: testManifest({}),
  });
  const unknown = { code: 'model_invalid', message: /tfjs-layers \(model\.json\)/ };
  await t.rejects(openModel(versionIn(t.testdir())), unknown);
  const graph = t.testdir({ 'model.json': '{"format":"graph-model"}' });
  await t.rejects(openModel(versionIn(graph)), { code: 'model_invalid', message: /not a model of tfjs/ });
  const damaged = t.testdir({ 'model.json': '{' });
  await t.rejects(openModel(versionIn(damaged)), { code: 'model_invalid', message: /not JSON/ });
});

test('the first format that recognizes a folder opens it', async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  const [first] = FORMATS;
  if (first === undefined) throw new Error('There is a format.');
  const renamed = (name: string, recognizes: ModelFormat['recognizes']): ModelFormat => ({
    name,
    files: name,
    recognizes,
    open: async (opened) => ({ ...(await first.open(opened)), format: name, plan: () => Promise.reject() }),
  });
  const formats = [renamed('none', async () => false), renamed('all', async () => true), first];
  t.equal((await openModel(version, formats)).format, 'all');
});

test('the kind of outputs follows from the last activation', async (t) => {
  const kindOf = async (name: string, last: tf.layers.Layer[]) => {
    const layers = [tf.layers.flatten({ inputShape: [32, 32, 3] }), ...last];
    const source = await openModel(
      await writeModelVersion(t.testdir({ [name]: {} }), tf.sequential({ layers })),
    );
    const compiled = await source.plan();
    return 'plan' in compiled ? outputKindOf(compiled.plan, modelOutputSchema.parse({})) : compiled;
  };
  const dense = (activation?: 'softmax' | 'sigmoid' | 'relu') =>
    tf.layers.dense({ units: 10, ...(activation && { activation }) });
  t.equal(await kindOf('a', [dense('softmax')]), 'probabilities');
  t.equal(await kindOf('b', [dense(), tf.layers.softmax()]), 'probabilities');
  t.equal(await kindOf('c', [dense('softmax'), tf.layers.reshape({ targetShape: [10] })]), 'probabilities');
  t.equal(await kindOf('d', [dense('sigmoid')]), 'scores');
  t.equal(await kindOf('e', [dense()]), 'logits');
  t.equal(await kindOf('f', [dense('relu')]), 'logits');
});
