import { readFileSync } from 'node:fs';
import t from 'tap';
import { z } from 'zod';
import type { Features } from '../../../../../src/learning/training/head/features.js';
import { fitHead, logitsOf, refitHead } from '../../../../../src/learning/training/head/fit-head.js';
import { softmaxRows } from '../../../../../src/learning/training/head/softmax-rows.js';
import { probabilitiesOf } from '../../../../../src/learning/training/head/targets.js';
import { withHead } from '../../../../../src/learning/training/head/with-head.js';
import type { TrainingPlan } from '../../../../../src/models/plan/plan.js';
import { trunkOf } from '../../../../../src/models/plan/trunk.js';

/** Made by iris.py beside it. */
const iris = z
  .object({
    values: z.array(z.array(z.number())),
    classes: z.array(z.int()),
    l2: z.number(),
    probabilities: z.array(z.array(z.number())),
  })
  .parse(JSON.parse(readFileSync('tests/fixtures/training/iris.json', 'utf8')));

/** Every second row. */
function half(parity: 0 | 1): Features {
  const isTaken = (_: unknown, row: number) => row % 2 === parity;
  return {
    values: Float32Array.from(iris.values.filter(isTaken).flat()),
    classes: iris.classes.filter(isTaken),
    width: 4,
  };
}

t.test('a head is the one that scikit-learn’s balanced logistic regression finds', async (t) => {
  const [train, held] = [half(0), half(1)];
  const head = fitHead(train, held, { outputs: 3, labelSets: undefined });
  t.equal(head.l2, iris.l2, 'with the penalty of the smallest validation loss');
  const probabilities = softmaxRows(logitsOf(held, head), 3);
  const differences = iris.probabilities
    .flat()
    .map((value, index) => Math.abs(value - (probabilities[index] ?? 0)));
  t.ok(Math.max(...differences) < 0.005, `greatest difference ${Math.max(...differences)}`);
});

t.test(
  'a label has the head that a balanced regression finds for it alone, with its share of the images put back',
  async (t) => {
    // Each class as the only label of its images: OneVsRest.
    const [train, held] = [half(0), half(1)];
    const labelSets = [new Set([0]), new Set([1]), new Set([2])];
    const targets = { outputs: 3, labelSets };
    const head = refitHead(train, targets, 0.01);
    const alone = [0, 1, 2].map((label) => {
      const pair = (features: Features) => ({
        ...features,
        classes: features.classes.map((index) => Number(index === label)),
      });
      // A softmax of two classes is a sigmoid of the difference of their logits; its penalty is shared by two kernels.
      const binary = refitHead(pair(train), { outputs: 2, labelSets: undefined }, 0.02);
      const logits = logitsOf(pair(held), binary);
      const count = train.classes.filter((index) => index === label).length;
      const prior = Math.log(count / (train.classes.length - count));
      return held.classes.map((_, row) => {
        const pairOfLogits = Float32Array.of(logits[2 * row] ?? 0, (logits[2 * row + 1] ?? 0) + prior);
        return softmaxRows(pairOfLogits, 2)[1] ?? 0;
      });
    });
    const probabilities = probabilitiesOf(logitsOf(held, head), targets);
    const differences = [...probabilities].map((value, at) =>
      Math.abs(value - (alone[at % 3]?.[Math.floor(at / 3)] ?? 0)),
    );
    t.ok(Math.max(...differences) < 0.005, `greatest difference ${Math.max(...differences)}`);
  },
);

t.test('no rows have no logits', async (t) => {
  const head = { kernel: new Float32Array(8), bias: new Float32Array(2), l2: 1 };
  t.same(logitsOf({ values: new Float32Array(0), classes: [], width: 4 }, head), new Float32Array(0));
});

const dense = {
  op: 'dense',
  layer: 'classes',
  inputs: [1],
  output: 2,
  shape: [3],
  kernel: { shape: [4, 3], values: new Float32Array(12) },
  bias: new Float32Array(3),
  activation: { kind: 'linear', alpha: 0 },
} as const;
const pool = { op: 'globalAveragePool', layer: 'pool', inputs: [0], output: 1, shape: [4] } as const;
const softmax = {
  op: 'activation',
  layer: 'softmax',
  inputs: [2],
  output: 3,
  shape: [3],
  activation: { kind: 'softmax', alpha: 0 },
} as const;
const plan: TrainingPlan = { inputShape: [8, 8, 4], steps: [pool, dense, softmax], output: 3, classes: 3 };

t.test(
  'a trunk is the network without its last dense layer and what follows; a head goes in their place',
  async (t) => {
    const trunk = trunkOf(plan);
    t.match(trunk, { steps: [{ layer: 'pool' }], output: 1, classes: 4 });
    const head = { kernel: new Float32Array(8), bias: new Float32Array(2), l2: 1 };
    const joined = withHead(trunk, head);
    t.match(joined, { classes: 2, steps: [{ layer: 'pool' }, { op: 'dense', inputs: [1], shape: [2] }] });
    t.equal(joined.output, joined.steps.at(-1)?.output);
  },
);

t.test('a network that ends without a dense layer is no trunk', async (t) => {
  t.throws(() => trunkOf({ ...plan, steps: [pool], output: 1, classes: 4 }), {
    code: 'training_failed',
    message: /does not end with a dense layer/,
  });
});
