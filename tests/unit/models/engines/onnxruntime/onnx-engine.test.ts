import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { toBinary } from '@bufbuild/protobuf';
import { test } from 'tap';
import { ADDON } from '../../../../../src/models/engines/onnxruntime/addon-file.js';
import { loadEngine } from '../../../../../src/models/engines/select.js';
import { ModelProtoSchema } from '../../../../../src/models/formats/onnx/generated/onnx-pb.js';
import { readOnnx } from '../../../../../src/models/formats/onnx/read-onnx.js';
import type { ModelVersion } from '../../../../../src/models/repository/model-version.js';
import { expectedOf, fixturePixels, layVersion } from '../../../../support/imported-models.js';

const skip = !existsSync(ADDON) && 'ONNX Runtime is not set up: node setup/setup.mjs --onnxruntime';

async function answers(version: ModelVersion, rows: number): Promise<Float32Array> {
  const choice = { engine: 'onnxruntime', device: 'auto' } as const;
  const { engine } = await loadEngine(version, choice, { maxBatchSize: 4, threads: 1, golden: [] });
  engine.warmUp();
  const outputs = new Float32Array(4 * 4);
  engine.run(fixturePixels(rows), rows, outputs);
  engine.dispose();
  return outputs;
}

for (const file of ['residual.onnx', 'transformer.onnx', 'one-row.onnx'])
  test(`${file} answers as PyTorch does, each row of a batch alike`, { skip }, async (t) => {
    const version = await layVersion(t.testdir(), { 'model.onnx': file });
    const outputs = await answers(version, 3);
    for (const row of [0, 1, 2])
      for (const [index, wanted] of (await expectedOf(file)).entries())
        t.ok(Math.abs((outputs[row * 4 + index] ?? Number.NaN) - wanted) < 1e-5);
    t.same([...outputs.subarray(12)], [0, 0, 0, 0], 'rows behind the batch stay as they are');
  });

test('weights in a file beside the model are read, if the manifest lists that', { skip }, async (t) => {
  const files = { 'model.onnx': 'outside.onnx', 'outside.onnx.data': 'outside.onnx.data' };
  const version = await layVersion(t.testdir(), files);
  const outputs = await answers(version, 1);
  for (const [index, wanted] of (await expectedOf('outside.onnx')).entries())
    t.ok(Math.abs((outputs[index] ?? Number.NaN) - wanted) < 1e-5);
  const { 'outside.onnx.data': _, ...listed } = version.manifest.files;
  const unlisted = { ...version, manifest: { ...version.manifest, files: listed } };
  await t.rejects(answers(unlisted, 1), { code: 'model_invalid', message: /outside\.onnx\.data/ });
});

test('a manifest that contradicts the file is refused, with both sides in the message', {
  skip,
}, async (t) => {
  const labels = await layVersion(t.testdir(), { 'model.onnx': 'transformer.onnx' }, { labels: ['a', 'b'] });
  await t.rejects(answers(labels, 1), { code: 'model_invalid', message: /4.*2 labels/ });
  const input = { height: 32, width: 32, channels: 3, scale: 1, offset: 0 } as const;
  const layout = await layVersion(t.testdir(), { 'model.onnx': 'transformer.onnx' }, { input });
  await t.rejects(answers(layout, 1), { code: 'model_invalid', message: /32 × 32 × 3, nhwc/ });
});

test('logits that nothing turns into probabilities are refused at warm-up', { skip }, async (t) => {
  const version = await layVersion(t.testdir(), { 'model.onnx': 'pooled.onnx' }, { output: {} });
  const path = join(version.directory, 'model.onnx');
  const model = readOnnx(await readFile(path));
  // No plan has it, so no plan says what the model ends in.
  for (const node of model.graph.node) if (node.opType === 'Relu') node.opType = 'Softplus';
  await writeFile(path, toBinary(ModelProtoSchema, model));
  await t.rejects(answers(version, 1), { code: 'model_invalid', message: /sum to 1/ });
});

test('the addon loads in workers that start and end one after the other', { skip }, async (t) => {
  const addon = new URL('../../../../../src/models/engines/onnxruntime/addon.js', import.meta.url).href;
  const script = `import(${JSON.stringify(addon)}).then(({ openOrtAddon }) => {
    new (openOrtAddon().InferenceSession)();
    require('node:worker_threads').parentPort.postMessage('loaded');
  });`;
  for (let round = 0; round < 3; round++) {
    const worker = new Worker(script, {
      eval: true,
      execArgv: [],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    t.same(await once(worker, 'message'), ['loaded']);
    await worker.terminate();
  }
});
