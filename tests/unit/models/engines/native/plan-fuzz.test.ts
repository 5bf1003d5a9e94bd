import { test } from 'tap';
import { type NativeAddon, type NativePlan, openAddon } from '../../../../../native/index.js';
import { Mutations } from '../../../../support/mutations.js';

/* Damaged plans, the same with each run: the reader refuses them or makes a model that runs. `native/sanitize.sh` runs them under
 * the sanitizers. */

const PLANS = Number(process.env.FUZZED_PLANS ?? 400);
const SIZE = 6;

function addon(): NativeAddon {
  const opened = openAddon();
  if ('failure' in opened) throw new Error('native/ is not built.', { cause: opened.failure });
  return opened.addon;
}

type Holder = Record<string, unknown>;

function floats(length: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => (index % 7) / 7 - 0.4);
}

/** Every kind of step, on an image of 6 × 6. */
function soundPlan(): NativePlan<Holder> & Holder {
  const padding = { top: 1, bottom: 1, left: 1, right: 1 };
  const none = { top: 0, bottom: 0, left: 0, right: 0 };
  const activation = { kind: 'relu', alpha: 0 };
  const image = [SIZE, SIZE, 4];
  const half = [SIZE / 2, SIZE / 2, 4];
  const conv = { strides: [1, 1], dilations: [1, 1], padding, activation, bias: floats(4) };
  const window = { window: [2, 2], strides: [2, 2], padding: none, countsPadding: false };
  const steps = [
    { op: 'conv2d', shape: image, filter: { shape: [3, 3, 3, 4], values: floats(108) }, ...conv },
    { op: 'depthwiseConv2d', shape: image, filter: { shape: [3, 3, 4, 1], values: floats(36) }, ...conv },
    { op: 'scaleShift', shape: image, scale: floats(4), shift: floats(4) },
    { op: 'maxPool', shape: half, ...window },
    { op: 'zeroPadding', shape: [5, 5, 4], padding },
    { op: 'crop', shape: half, cropping: padding },
    { op: 'activation', shape: half, activation: { kind: 'hardSwish', alpha: 0 } },
    { op: 'layerNorm', shape: half, gamma: floats(4), beta: floats(4), epsilon: 1e-3 },
    { op: 'transpose', shape: [4, 3, 3], order: [2, 0, 1] },
    { op: 'addConstant', shape: [4, 3, 3], summand: { shape: [3, 3], values: floats(9) } },
    { op: 'matMul', shape: [4, 3, 3], transposed: true },
    { op: 'reshape', shape: [36] },
    {
      op: 'dense',
      shape: [5],
      kernel: { shape: [36, 5], values: floats(180) },
      bias: floats(5),
      activation: { kind: 'softmax', alpha: 0 },
    },
  ].map((step, index) => ({
    ...step,
    inputs: step.op === 'matMul' ? [index, index] : [index],
    output: index + 1,
  }));
  return {
    inputShape: [SIZE, SIZE, 3],
    scale: [1, 1, 1],
    offset: [0, 0, 0],
    swapsColors: false,
    steps,
    output: steps.length,
    classes: 5,
    precision: 'float32',
    ranges: new Float32Array(2 * (steps.length + 1)),
    keepsValues: false,
  };
}

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
}

/** Every object and array of a plan. */
function holdersOf(value: Holder): Holder[] {
  return [value, ...Object.values(value).filter(isHolder).flatMap(holdersOf)];
}

const ODD_VALUES: readonly unknown[] = [
  ...[
    undefined,
    null,
    true,
    '',
    'conv2d',
    'softmax',
    'int8',
    {},
    [],
    [1],
    [0, 0],
    [1, 2, 3],
    -1,
    0,
    1,
    2,
    3,
    5,
    7,
  ],
  ...[
    0.5,
    1e9,
    2 ** 24,
    2 ** 31,
    2 ** 53,
    -(2 ** 31),
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1n,
    floats(1),
    floats(4),
  ],
  ...[
    floats(0),
    new Uint8Array(4),
    { top: 1, bottom: 2 ** 24, left: 0, right: 0 },
    { shape: [1, 1], values: floats(1) },
  ],
];

function mutate(plan: Holder, mutations: Mutations): void {
  for (let left = 1 + mutations.below(3); left > 0; left--) {
    const holders = holdersOf(plan);
    const holder = holders[mutations.below(holders.length)] ?? plan;
    const keys = Object.keys(holder);
    const key = keys[mutations.below(keys.length)];
    if (key === undefined) continue;
    const value = holder[key];
    holder[key] =
      typeof value === 'number' && mutations.below(2) === 0
        ? value + mutations.below(5) - 2
        : structuredClone(ODD_VALUES[mutations.below(ODD_VALUES.length)]);
  }
}

test('a damaged plan is refused, or makes a model that runs; the process goes on', (t) => {
  const { NativeInstance } = addon();
  const pixels = new Uint8Array(1 << 16);
  const mutations = new Mutations(Number(process.env.FUZZ_SEED ?? 1));
  const sound = soundPlan();
  new NativeInstance('sound', sound, 2, 1, 1).predict(pixels, 2, new Float32Array(10));
  let refused = 0;
  for (let number = 0; number < PLANS; number++) {
    const plan = soundPlan();
    mutate(plan, mutations);
    try {
      const instance = new NativeInstance(`fuzz-${number}`, plan, 2, 1, 1);
      instance.predict(pixels, 1, new Float32Array(1 << 12));
      instance.dispose();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      refused += 1;
    }
  }
  t.comment(`${refused} of ${PLANS} plans were refused`);
  t.ok(refused > PLANS / 2);
  t.ok(refused < PLANS);
  t.end();
});
