import t from 'tap';
import { LabelledImages } from '../../../../src/learning/datasets/labelled-images.js';
import { choosePart } from '../../../../src/learning/training/learn-part.js';
import { learnSchema } from '../../../../src/learning/training/learn-schema.js';
import { isOver } from '../../../../src/learning/training/schedule.js';
import { openVersion } from '../../../../src/models/repository/open-version.js';

const shipped = await openVersion({
  directory: 'models/cifar10-cnn/4',
  model: 'cifar10-cnn',
  version: undefined,
});

/** @param counts training images of each label */
function choose(
  model: string,
  counts: readonly number[],
  base: typeof shipped | undefined,
  tellsUnfamiliar = false,
) {
  const train = new LabelledImages(1);
  counts.forEach((count, label) => {
    for (let image = 0; image < count; image++) train.append(new Uint8Array(1), label, `${label}:${image}`);
  });
  const labels = counts.map((_, label) => `label ${label}`);
  const indices = Uint32Array.from({ length: train.length }, (_, index) => index);
  const none = new Uint32Array();
  const data = {
    description: '',
    labels,
    labelSets: undefined,
    fingerprint: '',
    train,
    test: new LabelledImages(1),
    parts: [],
  };
  return choosePart({
    model,
    asked: 'auto',
    tellsUnfamiliar,
    base,
    data,
    sets: { train: indices, validation: none, test: none },
  });
}

t.test('auto chooses by the images of a class and by the base, and says why', async (t) => {
  t.match(choose('mugs', [40, 60, 50], shipped), { learn: 'head', reason: /a class has 50 images/ });
  t.match(choose('mugs', [900, 900], shipped), { learn: 'head', reason: /belong to cifar10-cnn.*last:3/ });
  t.match(choose('cifar10-cnn', [900, 900], shipped), { learn: 'all', reason: /900 images/ });
  t.match(choose('cifar10-cnn', [40, 60], shipped), { learn: 'head' });
  t.match(choose('cifar10-cnn', [900, 900], shipped, true), { learn: 'head', reason: /unfamiliar_above/ });
  t.match(choose('cifar10-cnn', [40, 0], shipped), { learn: 'all', reason: /only some of the labels/ });
  t.same(choose('cifar10-cnn', [40, 60], undefined), { learn: 'all', reason: undefined });
});

t.test('parts have names', async (t) => {
  for (const learn of ['auto', 'head', 'all', 'last:1', 'last:12']) t.equal(learnSchema.parse(learn), learn);
  for (const learn of ['', 'last', 'last:0', 'last:100', 'some'])
    t.notOk(learnSchema.safeParse(learn).success, learn);
});

t.test('a training ends after its epochs, or when its validation loss stays', async (t) => {
  const curves = (losses: readonly number[]) => losses.map((loss) => ({ validation_loss: loss }));
  t.notOk(isOver({ epochs: 5, patience: 2 }, []));
  t.notOk(isOver({ epochs: 5, patience: 2 }, curves([3, 2, 2.5])));
  t.ok(isOver({ epochs: 5, patience: 2 }, curves([3, 2, 2.5, 2.1])));
  t.notOk(isOver({ epochs: 5, patience: 0 }, curves([3, 2, 2.5, 2.1])));
  t.ok(isOver({ epochs: 5, patience: 0 }, curves([5, 4, 3, 2, 1])));
});
