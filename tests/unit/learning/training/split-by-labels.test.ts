import t from 'tap';
import { LabelledImages } from '../../../../src/learning/datasets/labelled-images.js';
import { splitByLabels } from '../../../../src/learning/training/split-by-labels.js';

const SETS = [new Set([0]), new Set([0, 1]), new Set([0, 1, 2]), new Set<number>()];

/** So many images of each label set. */
function imagesOf(counts: readonly number[]): LabelledImages {
  const images = new LabelledImages(1);
  for (const [set, count] of counts.entries())
    for (let image = 0; image < count; image++) images.append(new Uint8Array(1), set, `${set}:${image}`);
  return images;
}

t.test('each label has its share of validation images, and the images without labels have it', async (t) => {
  const images = imagesOf([60, 30, 10, 20]);
  for (const isCatalogue of [false, true]) {
    const rule = { share: 0.2, isCatalogue };
    const { train, validation } = splitByLabels(images, SETS, rule);
    t.equal(new Set([...train, ...validation]).size, 120, 'each image is on one side');
    const sets = [...validation].map((index) => images.classOf(index));
    const with1 = (label: number) => sets.filter((set) => SETS[set]?.has(label)).length;
    t.same([with1(0), with1(1), with1(2)], [20, 8, 2]);
    t.equal(sets.filter((set) => set === 3).length, 4);
    t.same(splitByLabels(images, SETS, rule).validation, validation, 'the same images again');
  }
});

t.test('sets that differ in every image still leave images of each label to train on', async (t) => {
  const labelSets = Array.from({ length: 8 }, (_, number) => new Set([number % 2, 2 + (number % 4)]));
  const images = new LabelledImages(1);
  for (const number of labelSets.keys()) images.append(new Uint8Array(1), number, `${number}:`);
  const { train } = splitByLabels(images, labelSets, { share: 0.2, isCatalogue: false });
  const learned = new Set([...train].flatMap((index) => [...(labelSets[images.classOf(index)] ?? [])]));
  t.equal(learned.size, 6);
});
