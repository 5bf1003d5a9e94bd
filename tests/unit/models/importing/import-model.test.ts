import { copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { openModel } from '../../../../src/models/formats/open-model.js';
import { Facts } from '../../../../src/models/importing/facts.js';
import { importFieldsSchema } from '../../../../src/models/importing/import-fields.js';
import { IMPORT_LIMITS } from '../../../../src/models/importing/import-limits.js';
import { inTemporaryVersion, readModel } from '../../../../src/models/importing/import-model.js';
import { statePreset } from '../../../../src/models/importing/state-preset.js';
import { statedFacts } from '../../../../src/models/importing/stated-facts.js';
import { furthestOff, labelled } from '../../../support/import-fixture.js';
import { MODEL_FIXTURES } from '../../../support/imported-models.js';
import { loadNative, loadTensorflow, loadWasm } from '../../../support/load-engine.js';

for (const file of ['nested.keras', 'nested.h5'])
  test(`${file}: a nested model, a shared layer, groups and all activations answer as in Keras`, async (t) => {
    const model = await readModel(join(MODEL_FIXTURES, file), labelled(), IMPORT_LIMITS);
    t.match(model, {
      kind: /^Keras.* 3\.15\.1$/,
      planProblem: null,
      draft: {
        input: { height: 32, width: 32, scale: 1, offset: 0 },
        output: { activation: 'none', task: 'single' },
      },
    });
    t.ok((await furthestOff(model, loadNative, file)) < 1e-4);
    t.ok((await furthestOff(model, loadWasm, file)) < 1e-4);
  });

test('a GraphModel of tfjs: fused operators and quantized shards answer as in TensorFlow', async (t) => {
  const model = await readModel(join(MODEL_FIXTURES, 'graph'), labelled(), IMPORT_LIMITS);
  t.match(model, {
    kind: 'TensorFlow.js graph',
    planProblem: null,
    draft: { input: { height: 32, width: 32, scale: 1 / 255, offset: 0 }, output: { activation: 'none' } },
  });
  t.ok((await furthestOff(model, loadNative, 'graph')) < 1e-4);
  t.ok((await furthestOff(model, loadWasm, 'graph')) < 1e-4);
});

test('a GraphModel that no plan expresses runs on tfjs itself', async (t) => {
  const folder = t.testdir();
  await cp(join(MODEL_FIXTURES, 'graph'), folder, { recursive: true });
  const file = join(folder, 'model.json');
  await writeFile(file, (await readFile(file, 'utf8')).replace('"op": "LeakyRelu"', '"op": "Selu"'));
  const facts = labelled();
  statePreset(facts, '0..1');
  const model = await readModel(folder, facts, IMPORT_LIMITS);
  t.match(model, { planProblem: /is a Selu$/, draft: { output: { activation: 'none', task: 'single' } } });
  // The same network but for this function: the warm-up has checked that its probabilities sum to 1.
  const difference = await furthestOff(model, loadWasm, 'graph');
  t.ok(difference > 1e-4 && difference < 1);
});

test('a SavedModel runs whole on TensorFlow and answers as in Keras', async (t) => {
  const file = join(MODEL_FIXTURES, 'saved');
  await t.rejects(readModel(file, labelled(), IMPORT_LIMITS), {
    code: 'facts_missing',
    details: { missing: ['scaling'], flags: ['--preset', '--mean', '--std', '--scale', '--offset'] },
  });
  const facts = labelled();
  statePreset(facts, '0..1');
  const model = await readModel(file, facts, IMPORT_LIMITS);
  t.match(model, {
    kind: 'TensorFlow SavedModel',
    planProblem: /TensorFlow runs whole/,
    draft: {
      input: { height: 32, width: 32, layout: 'nhwc' },
      output: { activation: 'none', task: 'single' },
    },
  });
  t.ok((await furthestOff(model, loadTensorflow, 'saved')) < 1e-4);
});

test('a SavedModel that would touch files is refused by the name of its operation', async (t) => {
  const folder = t.testdir();
  await cp(join(MODEL_FIXTURES, 'saved'), folder, { recursive: true });
  const file = join(folder, 'saved_model.pb');
  const bytes = await readFile(file, 'latin1');
  const importWith = async (operation: string) => {
    // Of the same length, so that the lengths of all messages around it stay right.
    await writeFile(file, bytes.replaceAll('\x12\x05Relu6', `\x12\x05${operation}`), 'latin1');
    return readModel(folder, labelled(), IMPORT_LIMITS);
  };
  await t.rejects(importWith('Abort'), { code: 'model_invalid', message: /is a Abort/ });
});

test('a network of any size gets the size that is stated', async (t) => {
  const file = join(MODEL_FIXTURES, 'any-size.keras');
  await t.rejects(readModel(file, labelled(), IMPORT_LIMITS), {
    code: 'facts_missing',
    details: { missing: ['size'], fields: ['size'] },
  });
  const facts = labelled();
  facts.state('size', { height: 32, width: 32 }, '--size');
  const model = await readModel(file, facts, IMPORT_LIMITS);
  t.match(model, { planProblem: null, draft: { input: { height: 32, width: 32 } } });
  t.ok((await furthestOff(model, loadNative, 'any-size.keras')) < 1e-5);
});

test('pixels of 0..1 are what a network expects that doubles and shifts them', async (t) => {
  const facts = labelled();
  statePreset(facts, 'keras:tf');
  await t.rejects(readModel(join(MODEL_FIXTURES, 'graph'), facts, IMPORT_LIMITS), {
    code: 'bad_request',
    message: /second time.*0\.\.1/,
  });
});

test('a network that scales its images itself is not scaled again', async (t) => {
  const facts = labelled();
  statePreset(facts, 'keras:tf');
  await t.rejects(readModel(join(MODEL_FIXTURES, 'nested.keras'), facts, IMPORT_LIMITS), {
    code: 'bad_request',
    message: /second time.*rescale/,
  });
  const idle = labelled();
  statePreset(idle, 'keras:none');
  t.match(await readModel(join(MODEL_FIXTURES, 'nested.keras'), idle, IMPORT_LIMITS), { planProblem: null });
});

test('what no file states is asked for, each fact by its flag, and never guessed', async (t) => {
  await t.rejects(readModel(join(MODEL_FIXTURES, 'residual.onnx'), new Facts(), IMPORT_LIMITS), {
    code: 'facts_missing',
    details: { missing: ['scaling', 'resize', 'activation', 'labels'] },
    message: /--preset.*--resize.*--activation.*--labels/s,
  });
});

test('a Hugging Face folder says all by itself', async (t) => {
  const folder = t.testdir();
  await mkdir(join(folder, 'onnx'));
  await copyFile(join(MODEL_FIXTURES, 'transformer.onnx'), join(folder, 'onnx/model.onnx'));
  const mean = [0.485, 0.456, 0.406];
  const processor = {
    image_processor_type: 'ViTImageProcessor',
    ...{
      size: { shortest_edge: 36 },
      do_center_crop: true,
      crop_size: { height: 32, width: 32 },
      resample: 3,
    },
    ...{ image_mean: mean, image_std: [0.229, 0.224, 0.225], do_flip_channel_order: true },
  };
  await writeFile(join(folder, 'preprocessor_config.json'), JSON.stringify(processor));
  const id2label = { 1: 'b', 0: 'a', 2: 'c', 3: 'd' };
  const config = { id2label, problem_type: 'multi_label_classification' };
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  const { draft, kind } = await readModel(folder, new Facts(), IMPORT_LIMITS);
  t.match(kind, /^ONNX of pytorch, opset 18$/);
  t.match(draft, {
    labels: ['a', 'b', 'c', 'd'],
    input: {
      color_order: 'bgr',
      layout: 'nchw',
      resize: { mode: 'shortest_edge', edge: 36, interpolation: 'bicubic' },
      crop: 'center',
      offset: mean.map((value, channel) => -value / (processor.image_std[channel] ?? 1)),
    },
    output: { activation: 'sigmoid', task: 'multi' },
    provenance: { facts: { labels: 'config.json', scaling: 'preprocessor_config.json', size: 'the graph' } },
  });
});

test('index_to_name.json of TorchServe gives labels and their ids, timm its evaluation transform', async (t) => {
  const folder = t.testdir();
  await copyFile(join(MODEL_FIXTURES, 'residual.onnx'), join(folder, 'net.onnx'));
  const names = { 0: ['n01', 'crane'], 1: ['n02', 'crane'], 2: ['n03', 'cat'], 3: ['n04', 'dog'] };
  await writeFile(join(folder, 'index_to_name.json'), JSON.stringify(names));
  const pretrained = {
    input_size: [3, 32, 32],
    crop_pct: 0.9,
    interpolation: 'bicubic',
    mean: [0, 0, 0],
    std: [1, 1, 1],
  };
  await writeFile(
    join(folder, 'timm.json'),
    JSON.stringify({ architecture: 'x', pretrained_cfg: pretrained }),
  );
  const { draft } = await readModel(folder, new Facts(), IMPORT_LIMITS);
  t.match(draft, {
    label_ids: ['n01', 'n02', 'n03', 'n04'],
    input: { resize: { mode: 'shortest_edge', edge: 35, interpolation: 'bicubic' }, crop: 'center' },
    output: { activation: 'softmax' },
  });
});

test('labels that do not fit the classes are refused, and the background class is thought of', async (t) => {
  const facts = new Facts();
  facts.state('labels', ['a', 'b', 'c'], '--labels');
  facts.state('resize', { mode: 'stretch', interpolation: 'bilinear', antialias: true }, '--resize');
  await t.rejects(readModel(join(MODEL_FIXTURES, 'nested.keras'), facts, IMPORT_LIMITS), {
    code: 'bad_request',
    message: /3 labels.*4 classes.*--drop-first 1/,
  });
  const refused = async (labels: readonly string[], message: RegExp) => {
    const stated = new Facts();
    stated.state('labels', labels, '--labels');
    stated.state('resize', { mode: 'stretch', interpolation: 'bilinear', antialias: true }, '--resize');
    await t.rejects(readModel(join(MODEL_FIXTURES, 'nested.keras'), stated, IMPORT_LIMITS), {
      code: 'bad_request',
      message,
    });
  };
  await refused(['a'], /names 1 labels.*4 classes\. State all 4 by --labels\.$/);
  await refused(['a', 'b', '', 'd'], /^Label 3 of --labels is empty\.$/);
});

test('code in a model is refused by the name of its layer, weights without a network with advice', async (t) => {
  await t.rejects(readModel(join(MODEL_FIXTURES, 'lambda.keras'), labelled(), IMPORT_LIMITS), {
    code: 'model_invalid',
    message: /surprise is a Lambda/,
  });
  const folder = t.testdir({ 'model.pth': 'weights' });
  await t.rejects(readModel(folder, labelled(), IMPORT_LIMITS), {
    code: 'model_invalid',
    message: /torch\.onnx\.export/,
  });
});

test('a file without a name that tells is recognized by what it holds', async (t) => {
  const folder = t.testdir();
  for (const file of ['nested.keras', 'nested.h5', 'residual.onnx']) {
    const facts = labelled();
    statePreset(facts, file === 'residual.onnx' ? '0..1' : 'keras:none');
    facts.state('activation', 'softmax', '--activation');
    await copyFile(join(MODEL_FIXTURES, file), join(folder, 'model'));
    t.match(await readModel(join(folder, 'model'), facts, IMPORT_LIMITS), { draft: { model: 'model' } });
  }
});

test('a version that was written opens again and says where it came from', async (t) => {
  const model = await readModel(join(MODEL_FIXTURES, 'nested.h5'), labelled(), IMPORT_LIMITS);
  await inTemporaryVersion(model, async (version) => {
    t.match(version.manifest.provenance, { source: 'nested.h5', sha256: /^[0-9a-f]{64}$/ });
    const { layers } = await openModel(version);
    t.ok(
      layers.some(
        ({ name, parameters }) => name === 'inner/separable' && parameters === 3 * 3 * 8 + 8 * 8 + 8,
      ),
    );
    t.equal((await readFile(join(version.directory, 'weights.bin'))).length % 4, 0);
  });
});

test('a person decides where the resizing of a side file cannot be had', async (t) => {
  const folder = t.testdir();
  await copyFile(join(MODEL_FIXTURES, 'residual.onnx'), join(folder, 'net.onnx'));
  const processor = { size: { shortest_edge: 40 }, image_mean: [0, 0, 0], image_std: [1, 1, 1] };
  await writeFile(join(folder, 'preprocessor_config.json'), JSON.stringify(processor));
  const fields = { labels: 'a\nb\nc\nd', activation: 'softmax' };
  const stated = (more: object) => statedFacts(importFieldsSchema.parse({ ...fields, ...more }), 'flags');
  await t.rejects(readModel(folder, stated({}), IMPORT_LIMITS), {
    code: 'facts_missing',
    message: /shortest_edge without a crop.*--resize/,
  });
  t.match(await readModel(folder, stated({ resize: '40' }), IMPORT_LIMITS), {
    draft: { input: { resize: { mode: 'shortest_edge', edge: 40 }, crop: 'center' } },
  });
});
