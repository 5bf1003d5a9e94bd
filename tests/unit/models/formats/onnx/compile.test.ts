import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { test } from 'tap';
import { compileOnnx } from '../../../../../src/models/formats/onnx/compile.js';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  TensorProto_DataType,
} from '../../../../../src/models/formats/onnx/generated/onnx-pb.js';
import { type OnnxModel, readOnnx } from '../../../../../src/models/formats/onnx/read-onnx.js';
import { openModel } from '../../../../../src/models/formats/open-model.js';
import { furthestFrom } from '../../../../support/import-fixture.js';
import { expectedOf, layVersion, MODEL_FIXTURES } from '../../../../support/imported-models.js';
import { loadNative, loadWasm } from '../../../../support/load-engine.js';

for (const [file, files] of Object.entries({
  'residual.onnx': {},
  'one-row.onnx': {},
  'pooled.onnx': {},
  'pooled-one-row.onnx': {},
  'transformer.onnx': {},
  'transformer-opset14.onnx': {},
  'windows.onnx': {},
  'shuffled.onnx': {},
  'outside.onnx': { 'outside.onnx.data': 'outside.onnx.data' },
}))
  test(`${file} becomes a plan that answers as PyTorch does, on the native engine and on WASM`, async (t) => {
    const version = await layVersion(t.testdir(), { 'model.onnx': file, ...files });
    t.match(await (await openModel(version)).plan(), { plan: { classes: 4 } });
    const wanted = await expectedOf(file);
    for (const load of [loadNative, loadWasm]) t.ok((await furthestFrom(wanted, version, load)) < 1e-5);
  });

test('GELU and layer norm in their parts are one step each', async (t) => {
  const version = await layVersion(t.testdir(), { 'model.onnx': 'transformer-opset14.onnx' });
  const compiled = await (await openModel(version)).plan();
  const steps = 'plan' in compiled ? compiled.plan.steps : [];
  const kinds = steps.map((step) => (step.op === 'activation' ? step.activation.kind : step.op));
  const count = (kind: string) => kinds.filter((each) => each === kind).length;
  t.strictSame(['gelu', 'geluTanh', 'layerNorm', 'softmax', 'matMul'].map(count), [1, 1, 2, 1, 2]);
});

type Change = (graph: OnnxModel['graph']) => void;

function number(opType: string, input: number, at: number, value: bigint): Change {
  return (graph) => {
    const name = graph.node.find((node) => node.opType === opType)?.input[input];
    const { rawData } = graph.initializer.find((tensor) => tensor.name === name) ?? {};
    rawData?.set(new Uint8Array(BigInt64Array.of(value).buffer), 8 * at);
  };
}

test('what no plan expresses is named, with its operator', async (t) => {
  const { manifest } = await layVersion(t.testdir(), { 'model.onnx': 'pooled.onnx' });
  const rename: Change = ({ node }) => {
    for (const each of node) if (each.opType === 'Relu') each.opType = 'Mish';
  };
  const refused: readonly [string, string, Change, RegExp][] = [
    ['an operator of its own', 'pooled', rename, /^is a Mish$/],
    [
      'two numbers change places',
      'pooled-one-row',
      number('Gather', 1, 3, 4n),
      /is a Gather that picks other/,
    ],
    ['a length that does not fit', 'transformer', number('Reshape', 1, 1, 9n), /is a Reshape that makes \[/],
  ];
  for (const [what, file, change, reason] of refused) {
    const model = readOnnx(await readFile(join(MODEL_FIXTURES, `${file}.onnx`)));
    change(model.graph);
    t.match(compileOnnx(model, manifest, new Map()), { unsupported: { layer: /./, reason } }, what);
  }
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
