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
import {
  expectedOf,
  fixturePixels,
  layVersion,
  MODEL_FIXTURES,
} from '../../../../support/imported-models.js';
import { loadNative, loadWasm } from '../../../../support/load-engine.js';

for (const [file, files] of Object.entries({
  'residual.onnx': {},
  'one-row.onnx': {},
  'pooled.onnx': {},
  'pooled-one-row.onnx': {},
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

test('a Gather of all rows is a plan only where it keeps every number in its place', async (t) => {
  const { manifest } = await layVersion(t.testdir(), { 'model.onnx': 'pooled.onnx' });
  type Change = (graph: OnnxModel['graph']) => void;
  const tensor = (graph: OnnxModel['graph'], node: number, input: number) =>
    graph.initializer.find(({ name }) => name === graph.node[node]?.input[input]);
  const nodeOf = (graph: OnnxModel['graph'], opType: string) =>
    graph.node.findIndex((node) => node.opType === opType);
  const number = (opType: string, input: number, at: number, value: bigint): Change => {
    return (graph) => {
      const { rawData } = tensor(graph, nodeOf(graph, opType), input) ?? {};
      rawData?.set(new Uint8Array(BigInt64Array.of(value).buffer), 8 * at);
    };
  };
  const anyRows: Change = ({ input }) => {
    const type = input[0]?.type?.value;
    const [rows] = (type?.case === 'tensorType' && type.value.shape?.dim) || [];
    if (rows !== undefined) rows.value = { case: 'dimParam', value: 'batch' };
  };
  const unpicked: Change = (graph) => {
    const [gather] = graph.node.splice(nodeOf(graph, 'Gather'), 1);
    for (const { input } of graph.node)
      input.forEach((name, at) => {
        if (name === gather?.output[0]) input[at] = gather.input[0] ?? '';
      });
  };
  const refused: readonly [string, string, Change, RegExp][] = [
    [
      'two numbers change places',
      'pooled-one-row',
      number('Gather', 1, 3, 4n),
      /is a Gather that picks other/,
    ],
    ['the first row of several', 'pooled-one-row', anyRows, /is a Gather that picks other/],
    ['rows that overlap', 'pooled', number('Mul', 1, 0, 7n), /is a Gather that picks other/],
    ['every second row', 'pooled', number('Range', 2, 0, 2n), /is a Range that counts other/],
    ['dimensions before', 'pooled', number('Unsqueeze', 1, 0, 0n), /is a Unsqueeze that adds dimensions/],
    ['no Gather', 'pooled', unpicked, /is a Conv that reads all rows in one dimension/],
  ];
  for (const [what, file, change, reason] of refused) {
    const model = readOnnx(await readFile(join(MODEL_FIXTURES, `${file}.onnx`)));
    change(model.graph);
    t.match(compileOnnx(model, manifest, new Map()), { unsupported: { reason } }, what);
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
