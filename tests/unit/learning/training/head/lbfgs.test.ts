import t from 'tap';
import { minimise } from '../../../../../src/learning/training/head/lbfgs.js';

const OPTIONS = { maxIterations: 200, tolerance: 1e-9 };

t.test('a quadratic function is minimised to its only minimum', async (t) => {
  const factors = [1, 10, 100];
  const objective = (at: Float64Array) => ({
    value: factors.reduce((sum, factor, index) => sum + (factor / 2) * ((at[index] ?? 0) - index) ** 2, 0),
    gradient: Float64Array.from(factors, (factor, index) => factor * ((at[index] ?? 0) - index)),
  });
  const found = minimise(objective, Float64Array.of(9, 9, 9), OPTIONS);
  for (const [index, value] of found.entries()) t.ok(Math.abs(value - index) < 1e-6);
});

t.test('Rosenbrock’s valley is followed to its end', async (t) => {
  const objective = ([x = 0, y = 0]: Float64Array) => ({
    value: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    gradient: Float64Array.of(-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)),
  });
  const [x = 0, y = 0] = minimise(objective, Float64Array.of(-1.2, 1), OPTIONS);
  t.ok(Math.abs(x - 1) < 1e-5 && Math.abs(y - 1) < 1e-5, `${x}, ${y}`);
});

t.test('it ends at the limit of iterations, and at once in a minimum', async (t) => {
  let calls = 0;
  const objective = (at: Float64Array) => {
    calls += 1;
    return { value: (at[0] ?? 0) ** 2, gradient: Float64Array.of(2 * (at[0] ?? 0)) };
  };
  t.same(minimise(objective, Float64Array.of(0), OPTIONS), Float64Array.of(0));
  t.equal(calls, 1);
  t.same(minimise(objective, Float64Array.of(5), { ...OPTIONS, maxIterations: 0 }), Float64Array.of(5));
});
