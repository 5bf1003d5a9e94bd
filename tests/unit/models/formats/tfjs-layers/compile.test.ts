import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { z } from 'zod';
import { readTfjsModel } from '../../../../../src/models/formats/tfjs-files/tfjs-model.js';
import { compileModel } from '../../../../../src/models/formats/tfjs-layers/compile.js';
import { INPUT_VALUE, lastUses } from '../../../../../src/models/plan/plan.js';
import { mobileNet, residualNet } from '../../../../support/architectures.js';
import { layersModelIn } from '../../../../support/layers-model.js';
import { writeModelVersion } from '../../../../support/model-version.js';

const modelJson = z.looseObject({
  weightsManifest: z.array(
    z.looseObject({ paths: z.array(z.string()), weights: z.array(z.looseObject({})) }),
  ),
});

/** A version whose model.json was changed. */
async function changedModel(t: Test, change: (model: z.infer<typeof modelJson>) => void): Promise<string> {
  const { directory } = await writeModelVersion(t.testdir(), mobileNet());
  const file = join(directory, 'model.json');
  const model = modelJson.parse(JSON.parse(await readFile(file, 'utf8')));
  change(model);
  await writeFile(file, JSON.stringify(model));
  return directory;
}

test('each value but the output dies once, behind its last use', async (t) => {
  const { directory } = await writeModelVersion(t.testdir(), residualNet());
  const compiled = compileModel(await layersModelIn(directory));
  if (!('plan' in compiled)) throw new Error(compiled.unsupported.reason);
  const { plan } = compiled;
  const dying = lastUses(plan);
  const values = [INPUT_VALUE, ...plan.steps.map((step) => step.output)];
  t.same(
    dying.flat().toSorted((a, b) => a - b),
    values.filter((value) => value !== plan.output),
  );
  for (const [index, dead] of dying.entries()) {
    const later = new Set(plan.steps.slice(index + 1).flatMap((step) => step.inputs));
    t.notOk(dead.some((value) => later.has(value)));
  }
});

test('weights outside the version’s folder are refused', async (t) => {
  const directory = await changedModel(t, (model) => model.weightsManifest[0]?.paths.push('../weights.bin'));
  await t.rejects(layersModelIn(directory), { code: 'model_invalid' });
});

test('weights that end too early, or have another shape than their layer, are a broken model', async (t) => {
  const short = await layersModelIn(await changedModel(t, () => undefined));
  t.throws(() => compileModel({ ...short, weightData: short.weightData.slice(0, -4) }), {
    code: 'model_invalid',
  });
  const [first, ...others] = short.weightSpecs;
  if (first === undefined) throw new Error('The model has weights.');
  const turned = { ...short, weightSpecs: [{ ...first, shape: first.shape.toReversed() }, ...others] };
  t.throws(() => compileModel(turned), { code: 'model_invalid' });
});

test('weights that are stored as bytes or half floats are what they stand for', async (t) => {
  const weights = [
    { name: 'a/kernel', shape: [2], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.5, min: -1 } },
    { name: 'b/kernel', shape: [1], dtype: 'float32', quantization: { dtype: 'uint16', scale: 2, min: 1 } },
    { name: 'c/kernel', shape: [3], dtype: 'float32', quantization: { dtype: 'float16' } },
    { name: 'd/kernel', shape: [1], dtype: 'float32' },
  ];
  const stored = Buffer.concat([
    Buffer.from([0, 255]),
    Buffer.from(Uint16Array.of(300).buffer),
    // 1, -0.5 and the smallest subnormal, by IEEE 754.
    Buffer.from(Uint16Array.of(0x3c00, 0xb800, 1).buffer),
    Buffer.from(Float32Array.of(7).buffer),
  ]);
  const json = (specs: object) =>
    JSON.stringify({ modelTopology: {}, weightsManifest: [{ paths: ['w.bin'], weights: specs }] });
  const read = (bytes: Uint8Array) => async (name: string) =>
    name === 'w.bin' ? bytes : Buffer.from(json(weights));
  const { weightSpecs, weightData } = await readTfjsModel(read(stored));
  t.same([...new Float32Array(weightData)], [-1, 126.5, 601, 1, -0.5, 2 ** -24, 7]);
  t.notOk(weightSpecs.some((spec) => 'quantization' in spec));
  await t.rejects(readTfjsModel(read(stored.subarray(0, -1))), { code: 'model_invalid' });
});

test('a folder without a model is a model that cannot be used', async (t) => {
  await t.rejects(layersModelIn(t.testdir()), { code: 'model_invalid' });
  await t.rejects(layersModelIn(t.testdir({ 'model.json': '{}' })), { code: 'model_invalid' });
});
