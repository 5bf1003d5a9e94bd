import t from 'tap';
import { numberLabels, sortClassNames } from '../../../../src/learning/datasets/class-numbers.js';
import type { Dataset } from '../../../../src/learning/datasets/dataset.js';
import { LabelledImages } from '../../../../src/learning/datasets/labelled-images.js';
import { imagesOfEpoch } from '../../../../src/learning/training/epoch-images.js';
import { splitByClass } from '../../../../src/learning/training/split.js';
import {
  type TrainingData,
  uniteData,
  type WeightedDataset,
} from '../../../../src/learning/training/training-data.js';

const KNOWN = ['Cat', 'Dog'];

/** Images as `<class>:<name>`, whose only value is their place. */
function images(names: readonly string[], labels: readonly string[]): LabelledImages {
  const set = new LabelledImages(1);
  for (const [place, name] of names.entries()) {
    const [className = ''] = name.split(':');
    set.append(Uint8Array.of(place), numberLabels([className], labels).numbers[0] ?? -1, name);
  }
  return set;
}

function dataset(train: readonly string[], test: readonly string[] = []): Dataset {
  const names = [...train, ...test].map((name) => name.split(':')[0] ?? '');
  const { labels } = numberLabels(sortClassNames(new Set(names)), KNOWN);
  return { description: 'made up', labels, train: images(train, labels), test: images(test, labels) };
}

function many(className: string, count: number, of: string): string[] {
  return Array.from({ length: count }, (_, number) => `${className}:${of}${number}`);
}

function unite(...sources: (Partial<WeightedDataset> & { dataset: Dataset })[]): TrainingData {
  const whole = sources.map((source) => ({ weight: 1, isCatalogue: false, ...source }));
  return uniteData(whole, { known: KNOWN, validationShare: 0.25 });
}

/** How often an epoch sees each image. */
function countsOf(indices: Uint32Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const index of indices) counts.set(index, (counts.get(index) ?? 0) + 1);
  return counts;
}

t.test('a lone source trains as it always did', async (t) => {
  const alone = dataset([...many('Cat', 40, 'a'), ...many('Dog', 20, 'b')], many('Dog', 3, 'c'));
  const data = unite({ dataset: alone });
  const split = splitByClass(alone.train, 0.25);
  t.same([data.parts[0]?.train, data.parts[0]?.validation], [split.train, split.validation]);
  t.same([...(data.parts[0]?.test ?? [])], [0, 1, 2]);
  t.equal(data.fingerprint, alone.train.fingerprint());
  t.same(imagesOfEpoch(data.parts, 1, 1), split.train);
  t.same([data.train.length, data.train.row(7)[0], data.train.classOf(45)], [60, 7, 1]);
});

t.test('what sources call alike is one class; new labels follow the known ones', async (t) => {
  const first = dataset([...many('Cat', 4, 'a'), ...many('Wolf', 4, 'b')]);
  const second = dataset([...many('wolf', 4, 'c'), ...many('Ape', 4, 'd'), ...many('Dog', 4, 'e')]);
  const { labels, train } = unite({ dataset: first }, { dataset: second });
  t.same(labels, ['Cat', 'Dog', 'Wolf', 'Ape']);
  t.same(
    [0, 4, 8, 12, 16].map((index) => train.classOf(index)),
    [0, 2, 2, 3, 1],
  );
});

t.test('each source and class is represented in what is held back', async (t) => {
  const big = dataset([...many('Cat', 400, 'a'), ...many('Dog', 400, 'b')]);
  const small = dataset([...many('Cat', 8, 'c'), ...many('Dog', 2, 'd')]);
  const alone = unite({ dataset: big });
  const data = unite({ dataset: big }, { dataset: small, isCatalogue: true });
  t.same(data.parts[0]?.validation, alone.parts[0]?.validation, 'the same images, whatever joins them');
  t.same(data.parts[1]?.validation, Uint32Array.of(800, 801, 808));
  t.same(data.parts[1]?.train, Uint32Array.of(802, 803, 804, 805, 806, 807, 809));
});

t.test('a single upload of a class trains; later ones do not put what validated into training', async (t) => {
  const few = unite({
    dataset: dataset([...many('Cat', 1, 'a'), ...many('Dog', 8, 'b')]),
    isCatalogue: true,
  });
  t.same([...(few.parts[0]?.train ?? [])], [0, 3, 4, 5, 6, 7, 8]);
  const later = unite({
    dataset: dataset([...many('Cat', 1, 'a'), ...many('Dog', 9, 'b')]),
    isCatalogue: true,
  });
  t.same(later.parts[0]?.validation, few.parts[0]?.validation);
});

t.test('an image that two sources have counts once, in the split of the first', async (t) => {
  const first = dataset([...many('Cat', 8, 'a'), ...many('Dog', 8, 'b')], ['Dog:tested']);
  const second = dataset(
    ['cat:a0', 'Cat:a1', 'Dog:tested', 'Dog:new', 'Dog:new2', 'Dog:a2'],
    ['Cat:a3', 'Dog:other'],
  );
  const { parts, labels } = unite({ dataset: first }, { dataset: second, isCatalogue: true });
  t.same(labels, KNOWN);
  const [, own] = parts;
  t.same(
    new Set([...(own?.train ?? []), ...(own?.validation ?? [])]),
    new Set([19, 20, 21]),
    'Dog:new, new2, a2',
  );
  t.same(own?.test, Uint32Array.of(2));
});

t.test('slips in the data are refused by name', async (t) => {
  const twoClasses = dataset(['Cat:same', 'Cat:a', 'Dog:same', 'Dog:b']);
  t.throws(() => unite({ dataset: twoClasses }), {
    code: 'dataset_invalid',
    message: /SHA-256 same: in Cat and Dog/,
  });
  for (const [one, other] of [
    ['Wolf', 'wolf '],
    ['red  fox', 'Red_Fox'],
  ] as const) {
    const twoNames = {
      description: '',
      labels: [...KNOWN, one, other],
      train: images([], []),
      test: images([], []),
    };
    t.throws(() => unite({ dataset: twoNames }), {
      code: 'dataset_invalid',
      details: { classes: [one, other] },
    });
  }
  t.doesNotThrow(() => unite({ dataset: dataset([...many('C', 4, 'a'), ...many('C++', 4, 'b')]) }));
});

t.test('copies of validation images are not trained on', async (t) => {
  const copied = dataset([...many('Cat', 8, 'a'), ...many('Cat', 8, 'a'), ...many('Dog', 8, 'b')]);
  const { parts, train, description } = unite({ dataset: copied });
  const digestsOf = (indices: Uint32Array | undefined) =>
    [...(indices ?? [])].map((index) => train.fileDigestOf(index));
  const held = digestsOf(parts[0]?.validation);
  const learned = digestsOf(parts[0]?.train);
  t.ok(held.length > 0);
  t.notOk(learned.some((digest) => held.includes(digest)));
  t.match(description, /without \d+ copies of validation images/);
});

t.test('weights decide how often an epoch sees the images of a source', async (t) => {
  const train = (start: number, length: number) => Uint32Array.from({ length }, (_, place) => start + place);
  const parts = [
    { train: train(0, 100), weight: 0.25 },
    { train: train(100, 10), weight: 2.5 },
  ];
  const epoch = imagesOfEpoch(parts, 7, 1);
  t.equal(epoch.length, 25 + 25);
  const counts = countsOf(epoch);
  const [first, second] = [0, 1].map((part) =>
    [...counts].filter(([index]) => index >= 100 === (part === 1)),
  );
  t.same([first?.length, second?.length], [25, 10]);
  t.ok(first?.every(([, count]) => count === 1));
  t.same(second?.map(([, count]) => count).toSorted(), [2, 2, 2, 2, 2, 3, 3, 3, 3, 3]);
  t.same(imagesOfEpoch(parts, 7, 1), epoch, 'the same when it is run again');
  t.strictNotSame(imagesOfEpoch(parts, 7, 2), epoch, 'others in the next epoch');
  const seen = new Map<number, number>();
  for (let number = 1; number <= 400; number++)
    for (const index of imagesOfEpoch(parts, 7, number)) seen.set(index, (seen.get(index) ?? 0) + 1);
  t.ok(
    [...seen].every(([index, count]) => Math.abs(count / 400 - (index < 100 ? 0.25 : 2.5)) < 0.12),
    'no image is preferred',
  );
});

t.test('data and weights show in the fingerprint', async (t) => {
  const first = { dataset: dataset(many('Cat', 4, 'a')) };
  const second = { dataset: dataset(many('Dog', 4, 'b')) };
  const fingerprints = [
    unite(first, second),
    unite(first, { ...second, weight: 2 }),
    unite(first),
    unite({ ...first, weight: 2 }),
  ].map(({ fingerprint }) => fingerprint);
  t.equal(new Set(fingerprints).size, 4);
  t.match(unite(first, { ...second, weight: 2.5 }).description, '1 × made up; 2.5 × made up');
});
