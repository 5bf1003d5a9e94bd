import t from 'tap';
import {
  numberClasses,
  numberLabels,
  sortClassNames,
} from '../../../../src/learning/datasets/class-numbers.js';

const KNOWN = ['T-shirt/top', 'Trouser', 'Ankle boot'];

t.test('classes are known by their names, whatever case and punctuation', async (t) => {
  t.same(numberClasses(['ankle_boot', 't-shirt top'], KNOWN), { labels: KNOWN, numbers: [2, 0] });
});

t.test('what the model does not know comes behind its labels', async (t) => {
  t.same(numberClasses(['Hat', 'Scarf', 'trouser'], KNOWN), {
    labels: [...KNOWN, 'Hat', 'Scarf'],
    numbers: [3, 4, 1],
  });
});

t.test('numbers are places among the labels, unless one is too high', async (t) => {
  t.same(numberClasses(['0', '2'], KNOWN), { labels: KNOWN, numbers: [0, 2] });
  t.same(numberClasses(['0', '7'], KNOWN).labels, [...KNOWN, '0', '7']);
});

t.test('as many unknown names as labels are taken in their order', async (t) => {
  t.same(numberClasses(['n01', 'n02', 'n03'], KNOWN), { labels: KNOWN, numbers: [0, 1, 2] });
});

t.test('without known labels the classes are the labels', async (t) => {
  t.same(numberClasses(['cat', 'dog'], []), { labels: ['cat', 'dog'], numbers: [0, 1] });
  t.same(numberClasses(['0', '1'], []), { labels: ['0', '1'], numbers: [0, 1] });
});

t.test('numbers sort as numbers', async (t) => {
  t.same(sortClassNames(['10', '9', 'b', 'a']).slice(-2), ['a', 'b']);
  t.same(sortClassNames(['10', '2', '1']), ['1', '2', '10']);
});

t.test('labels alike but for punctuation are told apart where the data spells them out', async (t) => {
  t.same(numberLabels(['C', 'C++', 'c#'], ['C', 'C++']).numbers, [0, 1, 1]);
  t.same(numberLabels(['🐺', '🦊'], ['🐶', '🐺']), { labels: ['🐶', '🐺', '🦊'], numbers: [1, 2] });
});

t.test('labels are never known by their number or place', async (t) => {
  t.same(numberLabels(['0', '1'], ['Cat', 'Dog']), { labels: ['Cat', 'Dog', '0', '1'], numbers: [2, 3] });
});
