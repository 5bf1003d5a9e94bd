import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { type Engine, INPUT_TYPES } from '../../../../src/models/engines/engine.js';
import { loadEngine } from '../../../../src/models/engines/select.js';
import { warmUpWith } from '../../../../src/models/engines/warm-up.js';
import type { OutputKind } from '../../../../src/models/plan/output-kind.js';
import type { ModelVersion } from '../../../../src/models/repository/model-version.js';
import { resolveVersion } from '../../../../src/models/repository/resolve-version.js';
import { mobileNet } from '../../../support/architectures.js';
import { loadNative, loadTensorflow } from '../../../support/load-engine.js';
import { writeModelVersion } from '../../../support/model-version.js';
import { addVersion, copyRepository, MODEL, poison } from '../../../support/second-model.js';

/** The last number of the weights is one of the last layer's bias. */
async function versionWithNaN(t: Test): Promise<ModelVersion> {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  const file = join(version.directory, 'weights.bin');
  const weights = await readFile(file);
  weights.writeFloatLE(Number.NaN, weights.length - 4);
  await writeFile(file, weights);
  return version;
}

for (const [name, load] of Object.entries({ native: loadNative, tensorflow: loadTensorflow })) {
  test(`a model that computes NaN on ${name} is not served`, async (t) => {
    const options = { device: 'cpu', maxBatchSize: 4, threads: 1, precision: 'float32' } as const;
    const version = await versionWithNaN(t);
    await t.rejects(load(version, options), { code: 'model_invalid', message: /not finite/ });
  });
}

test('a weight that is not finite is refused at load, because a ReLU may hide it from the outputs', async (t) => {
  const folder = copyRepository(t.testdir(), [1]);
  for (const place of [0, 25, 4000]) {
    const directory = addVersion(folder, 10 + place);
    poison(directory, place);
    const version = await resolveVersion(folder, { model: MODEL, version: 10 + place });
    const loading = loadEngine(
      version,
      { engine: 'auto', device: 'cpu' },
      { maxBatchSize: 1, threads: 1, golden: [] },
    );
    await t.rejects(loading, { code: 'model_invalid', message: /weight .* not finite/ });
  }
});

/** An engine whose rows are these. */
function engineOf(rows: readonly (readonly number[])[], outputKind: OutputKind = 'probabilities'): Engine {
  return {
    ...{ name: 'native', device: 'cpu', precision: 'float32', outputKind, saturationRows: 1 },
    inputTypes: INPUT_TYPES,
    warmUp: () => undefined,
    run: (_input, count, outputs) => outputs.set(rows.slice(0, count).flat()),
    dispose: () => undefined,
  };
}

const BATCHES = { sizes: [1, 2], rowBytes: 1, classes: 2 };
const GOOD = [0.25, 0.75];

test('each row of the largest batch is checked', (t) => {
  const check = (row: number[]) => () => warmUpWith(engineOf([GOOD, row]), BATCHES);
  t.doesNotThrow(check(GOOD));
  t.throws(check([0.5, 0.6]), { code: 'model_invalid', message: /sum to 1/ });
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    t.throws(check([value, 0]), { code: 'model_invalid', message: /not finite/ });
  t.end();
});

test('only probabilities must sum to 1, but every output must be finite', (t) => {
  for (const kind of ['logits', 'scores'] as const) {
    t.doesNotThrow(() => warmUpWith(engineOf([GOOD, [0.5, 0.6]], kind), BATCHES));
    t.throws(() => warmUpWith(engineOf([GOOD, [Number.NaN, 0]], kind), BATCHES), { code: 'model_invalid' });
  }
  t.end();
});
