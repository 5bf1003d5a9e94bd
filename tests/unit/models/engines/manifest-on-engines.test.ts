import tf = require('@tensorflow/tfjs');

import t, { type Test } from 'tap';
import type { EngineInput } from '../../../../src/models/engines/engine.js';
import type { GoldenPixels } from '../../../../src/models/engines/golden.js';
import { candidatesFor, type EngineName } from '../../../../src/models/engines/providers.js';
import { loadEngine } from '../../../../src/models/engines/select.js';
import { imageInputSchema } from '../../../../src/models/repository/image-input.js';
import { modelOutputSchema } from '../../../../src/models/repository/model-output.js';
import type { ModelVersion } from '../../../../src/models/repository/model-version.js';
import { writeModelVersion } from '../../../support/model-version.js';

/** What a manifest says must hold on each engine of this machine's processor. */
const ENGINES = candidatesFor({ engine: 'auto', device: 'cpu' })
  .filter(({ provider, device }) => provider.name !== 'onnxruntime' && provider.probe(device) === null)
  .map(({ provider }) => provider.name);
const ROWS = 2;
const ROW_BYTES = 32 * 32 * 3;
const PIXELS = Uint8Array.from(
  { length: ROWS * ROW_BYTES },
  (_, index) => Math.imul(index, 2_654_435_761) >>> 24,
);

/** Swaps the first and the last channel of each pixel. */
const SWAPPED = PIXELS.map((_, index) => PIXELS[index + 2 - 2 * (index % 3)] ?? 0);

function network(activation?: 'softmax' | 'sigmoid'): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        filters: 4,
        kernelSize: 3,
        strides: 4,
        inputShape: [32, 32, 3],
        activation: 'relu',
      }),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: 10, ...(activation && { activation }) }),
    ],
  });
}

interface Changes {
  readonly input?: object;
  readonly output?: object;
  readonly dropped?: number;
}

/** The same files, described otherwise. */
function described({ manifest, ...version }: ModelVersion, changes: Changes): ModelVersion {
  const { input = {}, output = {}, dropped = 0 } = changes;
  return {
    ...version,
    manifest: {
      ...manifest,
      labels: manifest.labels.slice(dropped),
      input: imageInputSchema.parse({ ...manifest.input, ...input }),
      output: modelOutputSchema.parse({ ...output, drop_first: dropped }),
    },
  };
}

async function answersOf(
  version: ModelVersion,
  engine: EngineName,
  { pixels = PIXELS, golden = [] }: { pixels?: EngineInput; golden?: readonly GoldenPixels[] } = {},
): Promise<number[]> {
  const options = { maxBatchSize: ROWS, threads: 1, golden };
  const loaded = await loadEngine(version, { engine, device: 'cpu', precision: 'float32' }, options);
  loaded.engine.warmUp();
  const out = new Float32Array(ROWS * version.manifest.labels.length);
  loaded.engine.run(pixels, ROWS, out);
  loaded.engine.dispose();
  return [...out];
}

function isClose(t: Test, got: readonly number[], wanted: readonly number[], name: string): void {
  t.equal(got.length, wanted.length, name);
  const difference = Math.max(...got.map((number, index) => Math.abs(number - (wanted[index] ?? 9))));
  t.ok(difference < 1e-4, `${name}: ${difference}`);
}

t.test('scale and offset by channel, and blue first', async (t) => {
  const version = await writeModelVersion(t.testdir(), network('softmax'));
  const scale = [1 / 58.4, 1 / 57.1, 1 / 57.4];
  const offset = [-2.1, -2, -1.8];
  const bgr = { color_order: 'bgr', scale: scale.toReversed(), offset: offset.toReversed() };
  const reference = await answersOf(described(version, { input: { scale, offset } }), 'wasm');
  for (const engine of ENGINES) {
    isClose(t, await answersOf(described(version, { input: { scale, offset } }), engine), reference, engine);
    const mirrored = await answersOf(
      described(version, { input: { scale, offset, color_order: 'bgr' } }),
      engine,
      {
        pixels: SWAPPED,
      },
    );
    isClose(t, mirrored, reference, `${engine}, blue first`);
    const other = await answersOf(described(version, { input: bgr }), engine);
    t.notSame(
      other.map((x) => x.toFixed(3)),
      reference.map((x) => x.toFixed(3)),
      `${engine} tells them apart`,
    );
  }
});

/** What the model sees of `PIXELS`. */
function numbersOf({ input }: ModelVersion['manifest']): Float32Array {
  const pixels = input.color_order === 'bgr' ? SWAPPED : PIXELS;
  return Float32Array.from(
    pixels,
    (pixel, index) => pixel * (input.scale[index % 3] ?? 1) + (input.offset[index % 3] ?? 0),
  );
}

t.test('numbers that the client computed give the same answers as their pixels', async (t) => {
  const version = await writeModelVersion(t.testdir(), network('softmax'));
  const normal = { scale: [1 / 58.4, 1 / 57.1, 1 / 57.4], offset: [-2.1, -2, -1.8] };
  for (const engine of ENGINES) {
    for (const color_order of ['rgb', 'bgr']) {
      const wanted = described(version, { input: { ...normal, color_order } });
      const ofPixels = await answersOf(wanted, engine);
      const ofNumbers = await answersOf(wanted, engine, { pixels: numbersOf(wanted.manifest) });
      isClose(t, ofNumbers, ofPixels, `${engine}, ${color_order}`);
    }
  }
});

t.test('activation and classes in front are applied behind the model', async (t) => {
  const version = await writeModelVersion(t.testdir(), network());
  const logits = (
    await answersOf(described(version, { output: { activation: 'sigmoid', task: 'multi' } }), 'wasm')
  ).map((score) => Math.log(score / (1 - score)));
  const rows = [logits.slice(1, 10), logits.slice(11)];
  const softmax = rows.flatMap((row) => {
    const sum = row.reduce((total, logit) => total + Math.exp(logit), 0);
    return row.map((logit) => Math.exp(logit) / sum);
  });
  const sigmoid = rows.flat().map((logit) => 1 / (1 + Math.exp(-logit)));
  for (const engine of ENGINES) {
    const single = described(version, { output: { activation: 'softmax' }, dropped: 1 });
    isClose(t, await answersOf(single, engine), softmax, `softmax on ${engine}`);
    const multi = described(version, { output: { activation: 'sigmoid', task: 'multi' }, dropped: 1 });
    isClose(t, await answersOf(multi, engine), sigmoid, `sigmoid on ${engine}`);
  }
});

t.test('probabilities without their first class sum to 1 again', async (t) => {
  const version = await writeModelVersion(t.testdir(), network('softmax'));
  const answers = await answersOf(described(version, { dropped: 1 }), 'wasm');
  t.ok(Math.abs(answers.slice(0, 9).reduce((a, b) => a + b) - 1) < 1e-5);
});

t.test('an activation that the model has already is refused', async (t) => {
  for (const activation of ['softmax', 'sigmoid'] as const) {
    const version = await writeModelVersion(t.testdir({ [activation]: {} }), network(activation));
    const twice = described(version, { output: { activation } });
    await t.rejects(answersOf(twice, 'wasm'), { code: 'model_invalid', message: /must be none/ }, activation);
  }
  const single = await writeModelVersion(t.testdir(), network('softmax'));
  const multi = described(single, { output: { task: 'multi' } });
  await t.rejects(answersOf(multi, 'wasm'), { code: 'model_invalid' }, 'softmax for several labels');
});

t.test('answers that leave the golden images are refused on each engine', async (t) => {
  const version = await writeModelVersion(t.testdir(), network('softmax'));
  const right = (await answersOf(version, 'wasm')).slice(0, 10);
  const wrong = right.map((probability, index) => (index === 3 ? probability + 0.02 : probability));
  const pixels = Uint8Array.from(PIXELS.subarray(0, ROW_BYTES));
  const golden = (probabilities: number[]) => [
    { image: 'golden-0.png', pixels, probabilities, tolerance: 0.01 },
  ];
  for (const engine of ENGINES) {
    await answersOf(version, engine, { golden: golden(right) });
    await t.rejects(
      answersOf(version, engine, { golden: golden(wrong) }),
      {
        code: 'model_invalid',
        message: new RegExp(`golden-0.png should give cat .*${engine} on cpu in float32`),
      },
      engine,
    );
  }
});

t.test('where the engine chose a precision that leaves them, float32 gets a chance', async (t) => {
  const version = await writeModelVersion(t.testdir(), network('softmax'));
  const probabilities = (await answersOf(version, 'wasm')).slice(0, 10);
  const pixels = Uint8Array.from(PIXELS.subarray(0, ROW_BYTES));
  const golden = [{ image: 'golden-0.png', pixels, probabilities, tolerance: 1e-5 }];
  const options = { maxBatchSize: ROWS, threads: 1, golden };
  const { engine, passedOver } = await loadEngine(version, { engine: 'auto', device: 'cpu' }, options);
  t.equal(engine.precision, 'float32');
  if (engine.name === 'native' && passedOver.length > 0)
    t.match(passedOver, [/^native on cpu: The golden image .* in bfloat16 gives/]);
});
