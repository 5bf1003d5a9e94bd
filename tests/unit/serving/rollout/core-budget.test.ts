import { test } from 'tap';
import { CoreBudget } from '../../../../src/serving/rollout/core-budget.js';

const answering = (model: string, instances: number) => ({ model, instances, isShadow: false });

test('the instances of the only model share all cores', async (t) => {
  t.equal(new CoreBudget(16).take(answering('a', 4)).threads, 4);
  t.equal(new CoreBudget(16).take(answering('a', 3)).threads, 5);
  t.equal(new CoreBudget(2).take(answering('a', 8)).threads, 1, 'never less than one');
});

test('a shadow gets one thread, whatever the machine has, and takes none from others', async (t) => {
  const budget = new CoreBudget(16);
  t.equal(budget.take({ model: 'a', instances: 1, isShadow: true }).threads, 1);
  t.equal(budget.take(answering('b', 1)).threads, 16);
});

test('models divide the cores; a model that has ended leaves its part to the next', async (t) => {
  const budget = new CoreBudget(16);
  budget.take(answering('a', 1));
  const second = budget.take(answering('b', 1));
  t.equal(second.threads, 8);
  t.equal(budget.take(answering('c', 1)).threads, 5);
  second.giveBack();
  t.equal(budget.take(answering('d', 1)).threads, 5);
});

test('a version that takes over gets as much as the one before', async (t) => {
  const budget = new CoreBudget(16);
  const first = budget.take(answering('a', 2));
  const second = budget.take(answering('a', 2));
  t.equal(second.threads, first.threads);
  first.giveBack();
  t.equal(budget.take(answering('b', 2)).threads, 4, 'the model is still loaded');
});
