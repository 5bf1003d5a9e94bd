import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { familiarFeaturesOf } from '../../../../../src/learning/training/head/class-means.js';
import type { Features } from '../../../../../src/learning/training/head/features.js';
import {
  readFamiliarFeatures,
  unusualnessOf,
} from '../../../../../src/models/repository/feature-distance.js';
import { openVersion } from '../../../../../src/models/repository/open-version.js';

const WIDTH = 16;
const PER_CLASS = 50;
const TWO_CLASSES = { outputs: 2, labelSets: undefined };

/** Numbers of 0..1 that repeat in every run. @source the Lehmer generator of Park and Miller, 1988 */
function* numbers(): Generator<number, never> {
  for (let state = 7; ; ) {
    state = (state * 48_271) % 2_147_483_647;
    yield state / 2_147_483_647;
  }
}

const random = numbers();

/** Features of a class: some of them are high, and each image has them in another strength. */
function image(first: number): Float32Array {
  const strength = 1 + 4 * random.next().value;
  return Float32Array.from(
    { length: WIDTH },
    (_, at) => strength * ((at >= first && at < first + 4 ? 1 : 0) + 0.3 * random.next().value),
  );
}

/** Three classes, which share no high feature; no class has the last four. */
function trainingFeatures(): Features {
  const classes = Array.from({ length: 3 * PER_CLASS }, (_, row) => row % 3);
  const values = new Float32Array(classes.length * WIDTH);
  for (const [row, index] of classes.entries()) values.set(image(4 * index), row * WIDTH);
  return { values, classes, width: WIDTH };
}

t.test('images as in the training are near, images of another class far', async (t) => {
  const known = familiarFeaturesOf(trainingFeatures(), { outputs: 3, labelSets: undefined });
  if (known === undefined) throw new Error('The images differ.');
  const distances = Array.from({ length: 3000 }, (_, row) => unusualnessOf(image(4 * (row % 3)), known));
  const share = (above: number) => distances.filter((distance) => distance > above).length / distances.length;
  t.ok(Math.abs(share(0) - 0.5) < 0.12, `${share(0)} are above the median`);
  t.ok(share(1) > 0.01 && share(1) < 0.12, `${share(1)} are above the 95th percentile`);
  for (let time = 0; time < 100; time++) t.ok(unusualnessOf(image(12), known) > 2);
  const one = image(0);
  const brighter = one.map((value) => 7 * value);
  t.ok(
    Math.abs(unusualnessOf(one, known) - unusualnessOf(brighter, known)) < 1e-3,
    'strength does not count',
  );

  const shipped = await openVersion({
    directory: 'models/cifar10-cnn/4',
    model: undefined,
    version: undefined,
  });
  const { classMeans, scale } = known;
  const directory = t.testdir();
  writeFileSync(join(directory, 'class-means.f32'), new Uint8Array(classMeans.buffer));
  const trunk = {
    digest: 'a',
    width: WIDTH,
    head: 'head.f32',
    distance: { class_means: 'class-means.f32', ...scale },
  };
  const version = {
    ...shipped,
    directory,
    manifest: { ...shipped.manifest, labels: ['a', 'b', 'c'], trunk },
  };
  t.same(await readFamiliarFeatures(version), known, 'the file has it all');
  const wider = { ...version, manifest: { ...version.manifest, trunk: { ...trunk, width: WIDTH + 1 } } };
  t.equal(await readFamiliarFeatures(wider), undefined);
});

t.test('few images, and images that do not differ', (t) => {
  const four = {
    values: Float32Array.from([...image(0), ...image(4), ...image(0), ...image(4)]),
    width: WIDTH,
  };
  const known = familiarFeaturesOf({ ...four, classes: [0, 1, 0, 1] }, TWO_CLASSES);
  t.ok(known !== undefined && Number.isFinite(unusualnessOf(image(0), known)));
  const equal = { values: new Float32Array(4 * WIDTH).fill(1), classes: [0, 1, 0, 1], width: WIDTH };
  t.equal(familiarFeaturesOf(equal, TWO_CLASSES), undefined);
  t.end();
});

t.test(
  'of several labels, an image is near those that it has; images without one have a mean of their own',
  (t) => {
    const sets = [[0], [0, 1], [1], [], [2]];
    const labelSets = sets.map((labels) => new Set(labels));
    const imageOf = (labels: readonly number[]): Float32Array => {
      const parts = labels.length === 0 ? [image(12)] : labels.map((label) => image(4 * label));
      return Float32Array.from({ length: WIDTH }, (_, at) =>
        parts.reduce((sum, part) => sum + (part[at] ?? 0), 0),
      );
    };
    // Of the last set there is one image, and no other image has its label.
    const classes = [...Array.from({ length: 200 }, (_, row) => row % 4), 4];
    const values = new Float32Array(classes.length * WIDTH);
    for (const [row, set] of classes.entries()) values.set(imageOf(sets[set] ?? []), row * WIDTH);
    const known = familiarFeaturesOf({ values, classes, width: WIDTH }, { outputs: 3, labelSets });
    if (known === undefined) throw new Error('The images differ.');
    t.equal(known.classMeans.length, 4 * WIDTH, 'three labels and no label');
    const shareOf = (labels: readonly number[]) =>
      Array.from({ length: 100 }, () => unusualnessOf(imageOf(labels), known) > 1).filter(Boolean).length /
      100;
    for (const labels of [[0], [0, 1], [1], []]) t.ok(shareOf(labels) < 0.2, `${labels}: ${shareOf(labels)}`);
    const spike = Float32Array.from({ length: WIDTH }, (_, at) => (at === 0 ? 1 : 0));
    t.ok(unusualnessOf(spike, known) > 2, `${unusualnessOf(spike, known)}`);
    t.end();
  },
);
