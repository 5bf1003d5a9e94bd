import t from 'tap';
import { WeightedTurns } from '../../../../src/serving/rollout/weighted-turns.js';

function take(weights: Readonly<Record<string, number>>, turns: number): string[] {
  const each = new WeightedTurns(Object.entries(weights).map(([value, weight]) => ({ value, weight })));
  return Array.from({ length: turns }, () => each.next());
}

t.test('ten percent are one of each ten requests', (t) => {
  const taken = take({ stable: 90, canary: 10 }, 1000);
  for (let start = 0; start < taken.length; start += 10) {
    t.equal(taken.slice(start, start + 10).filter((value) => value === 'canary').length, 1);
  }
  t.end();
});

t.test('parts of percents and several versions are kept too', (t) => {
  const taken = take({ a: 66.6, b: 33.3, c: 0.1 }, 10_000);
  const count = (value: string): number => taken.filter((each) => each === value).length;
  t.ok(Math.abs(count('a') - 6660) <= 2);
  t.ok(Math.abs(count('b') - 3330) <= 2);
  t.ok(Math.abs(count('c') - 10) <= 1);
  t.end();
});

t.test('a version without a share never has a turn', (t) => {
  t.same(new Set(take({ a: 0, b: 100 }, 100)), new Set(['b']));
  t.end();
});
