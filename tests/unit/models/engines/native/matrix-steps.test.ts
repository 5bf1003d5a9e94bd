import { test } from 'tap';
import { ValueRunner } from '../../../../../src/models/engines/native/value-runner.js';
import { type Shape, type Step, sizeOf } from '../../../../../src/models/plan/plan.js';
import type { StepDraft } from '../../../../../src/models/plan/step-draft.js';
import { imageInputSchema } from '../../../../../src/models/repository/image-input.js';

/* Each step beside plain loops, on two images. */

const INPUT: Shape = [6, 4, 3];
const ROWS = 2;
const PIXELS = Uint8Array.from({ length: ROWS * sizeOf(INPUT) }, (_, index) => (index * 37) % 251);

/** Runs steps, of which each reads the one before it and the first the image.
 * @returns the numbers of each image */
function run(...drafts: StepDraft<Step>[]): number[][] {
  const steps = drafts.map((draft, index) => ({
    ...draft,
    layer: draft.op,
    inputs: draft.op === 'matMul' ? [index, index] : [index],
    output: index + 1,
  }));
  const classes = sizeOf(steps.at(-1)?.shape ?? []);
  const flat = {
    op: 'reshape',
    layer: 'flat',
    inputs: [steps.length],
    output: steps.length + 1,
    shape: [classes],
  } as const;
  const input = imageInputSchema.parse({ height: 6, width: 4, channels: 3, scale: 0.01, offset: -1 });
  const runner = new ValueRunner(
    { inputShape: INPUT, steps: [...steps, flat], output: flat.output, classes },
    input,
    1,
  );
  const out = new Float32Array(ROWS * classes);
  runner.run(PIXELS, ROWS, out);
  runner.dispose();
  return Array.from({ length: ROWS }, (_, row) => [...out.subarray(row * classes, (row + 1) * classes)]);
}

const IMAGES = Array.from({ length: ROWS }, (_, row) =>
  [...PIXELS.subarray(row * sizeOf(INPUT), (row + 1) * sizeOf(INPUT))].map((pixel) => pixel * 0.01 - 1),
);

function isNear(actual: readonly number[], wanted: readonly number[]): boolean {
  return (
    actual.length === wanted.length && actual.every((value, at) => Math.abs(value - (wanted[at] ?? 0)) < 1e-4)
  );
}

test('a transposition puts each number where its dimensions lie', (t) => {
  const turned = run({ op: 'transpose', order: [2, 0, 1], shape: [3, 6, 4] });
  for (const [row, image] of IMAGES.entries()) {
    const wanted = Array.from({ length: 72 }, (_, at) => image[(at % 24) * 3 + Math.floor(at / 24)] ?? 0);
    t.ok(isNear(turned[row] ?? [], wanted));
  }
  const split = run(
    { op: 'reshape', shape: [2, 3, 2, 2, 3] },
    { op: 'transpose', order: [0, 2, 1, 3, 4], shape: [2, 2, 3, 2, 3] },
    { op: 'transpose', order: [0, 2, 1, 3, 4], shape: [2, 3, 2, 2, 3] },
  );
  t.ok(isNear(split[1] ?? [], IMAGES[1] ?? []), 'back again');
  t.end();
});

test('a product of matrices is that of each pair, of one image', (t) => {
  for (const [transposed, shape, columns] of [
    [true, [6, 4, 4], 4],
    [false, [8, 3, 3], 3],
  ] as const) {
    const [count, rows] = shape;
    const inner = 72 / count / rows;
    const read = [count, rows, inner];
    const product = run({ op: 'reshape', shape: read }, { op: 'matMul', transposed, shape });
    for (const [row, image] of IMAGES.entries()) {
      const wanted = Array.from({ length: sizeOf(shape) }, (_, at) => {
        const matrix = Math.floor(at / (rows * columns)) * rows * inner;
        const [i, j] = [Math.floor(at / columns) % rows, at % columns];
        const term = (k: number) =>
          (image[matrix + i * inner + k] ?? 0) *
          (image[matrix + (transposed ? j * inner + k : k * columns + j)] ?? 0);
        return Array.from({ length: inner }, (_value, k) => term(k)).reduce((sum, value) => sum + value, 0);
      });
      t.ok(isNear(product[row] ?? [], wanted));
    }
  }
  t.end();
});

test('a summand is added to each image, at each place of the dimensions before its own', (t) => {
  for (const shape of [[3], [4, 3], INPUT]) {
    const values = Float32Array.from({ length: sizeOf(shape) }, (_, at) => at / 7);
    const sums = run({ op: 'addConstant', summand: { shape, values }, shape: INPUT });
    for (const [row, image] of IMAGES.entries())
      t.ok(
        isNear(
          sums[row] ?? [],
          image.map((number, at) => number + (values[at % values.length] ?? 0)),
        ),
      );
  }
  t.end();
});

test('steps that do not fit their input are refused', (t) => {
  const refused = (...drafts: StepDraft<Step>[]) => t.throws(() => run(...drafts), { code: 'malformed' });
  refused({ op: 'transpose', order: [0, 0, 2], shape: [6, 6, 3] });
  refused({ op: 'transpose', order: [0, 1], shape: [6, 4] });
  refused({ op: 'transpose', order: [1, 0, 3], shape: [4, 6, 3] });
  refused({ op: 'matMul', transposed: false, shape: [6, 4, 4] });
  refused({ op: 'addConstant', summand: { shape: [4], values: new Float32Array(4) }, shape: INPUT });
  refused({
    op: 'addConstant',
    summand: { shape: [1, 6, 4, 3], values: new Float32Array(72) },
    shape: INPUT,
  });
  t.end();
});
