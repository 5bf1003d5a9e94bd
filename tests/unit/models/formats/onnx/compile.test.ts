import { create } from '@bufbuild/protobuf';
import { test } from 'tap';
import { compileOnnx } from '../../../../../src/models/formats/onnx/compile.js';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  TensorProto_DataType,
} from '../../../../../src/models/formats/onnx/generated/onnx-pb.js';
import { openModel } from '../../../../../src/models/formats/open-model.js';
import { expectedOf, fixturePixels, layVersion } from '../../../../support/imported-models.js';
import { loadNative, loadWasm } from '../../../../support/load-engine.js';

for (const [file, files] of Object.entries({
  'residual.onnx': {},
  'one-row.onnx': {},
  'outside.onnx': { 'outside.onnx.data': 'outside.onnx.data' },
}))
  test(`${file} becomes a plan that answers as PyTorch does, on the native engine and on WASM`, async (t) => {
    const version = await layVersion(t.testdir(), { 'model.onnx': file, ...files });
    t.match(await (await openModel(version)).plan(), { plan: { classes: 4 } });
    const wanted = await expectedOf(file);
    for (const load of [loadNative, loadWasm]) {
      const engine = await load(version, {
        maxBatchSize: 2,
        device: 'cpu',
        threads: 1,
        precision: 'float32',
      });
      const outputs = new Float32Array(8);
      engine.run(fixturePixels(2), 2, outputs);
      engine.dispose();
      for (const [index, value] of wanted.entries())
        t.ok(Math.abs((outputs[4 + index] ?? Number.NaN) - value) < 1e-5, engine.name);
    }
  });

test('what no plan expresses is named, with its operator', async (t) => {
  const version = await layVersion(t.testdir(), { 'model.onnx': 'transformer.onnx' });
  t.match(await (await openModel(version)).plan(), { unsupported: { layer: /./, reason: /^is a / } });
});

test('a shape that the graph computes of its own rows is known, as PaddlePaddle writes it', async (t) => {
  const { manifest } = await layVersion(t.testdir(), { 'model.onnx': 'residual.onnx' });
  const int64 = (name: string, value: bigint) => ({
    name,
    dims: [1n],
    dataType: TensorProto_DataType.INT64,
    int64Data: [value],
  });
  const graph = create(GraphProtoSchema, {
    input: [{ name: 'image' }],
    output: [{ name: 'classes' }],
    initializer: [int64('zero', 0n), int64('one', 1n), int64('rest', -1n)],
    node: [
      { opType: 'GlobalAveragePool', input: ['image'], output: ['pooled'] },
      { opType: 'Shape', input: ['pooled'], output: ['shape'] },
      { opType: 'Slice', input: ['shape', 'zero', 'one', 'zero'], output: ['rows'] },
      { opType: 'Concat', input: ['rows', 'rest'], output: ['target'], attribute: [{ name: 'axis', i: 0n }] },
      { opType: 'Reshape', input: ['pooled', 'target'], output: ['classes'] },
    ],
  });
  const model = { ...create(ModelProtoSchema, { opsetImport: [{ domain: '', version: 17n }] }), graph };
  t.match(compileOnnx(model, manifest, new Map()), { plan: { classes: 3 } });
  graph.node[2]?.input.splice(1, 1, 'image');
  t.match(compileOnnx(model, manifest, new Map()), { unsupported: { reason: /is a Slice/ } });
});
