import { test } from 'tap';
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
