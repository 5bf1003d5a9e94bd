import t from 'tap';
import { packProbabilities, unpackProbabilities } from '../../../../src/insight/history/probabilities.js';

function labelsOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `class ${i}`);
}

t.test('probabilities take two bytes each and come back to within a hundred-thousandth', (t) => {
  const probabilities = Float32Array.from([0, 1, 0.5, 0.123456, 0.000031]);
  const packed = packProbabilities(probabilities);
  t.equal(packed.length, 10);
  const unpacked = Object.values(unpackProbabilities(packed, labelsOf(5)));
  for (const [i, value] of unpacked.entries()) t.ok(Math.abs(value - (probabilities[i] ?? 0)) < 1.5e-5);
  t.same(unpacked.slice(0, 2), [0, 1]);
  t.end();
});

t.test('of very many classes the most probable ones stay', (t) => {
  const probabilities = Float32Array.from({ length: 1000 }, (_, i) => ((i * 7) % 1000) / 1000);
  const packed = packProbabilities(probabilities);
  t.equal(packed.length, 64 * 4);
  const unpacked = unpackProbabilities(packed, labelsOf(1000));
  t.equal(Object.keys(unpacked).length, 64);
  t.equal(Object.keys(unpacked)[0], 'class 857');
  t.ok(
    Object.entries(unpacked).every(
      ([label, p]) => Math.abs(p - ((Number(label.slice(6)) * 7) % 1000) / 1000) < 2e-5,
    ),
  );
  t.end();
});

t.test('of chosen classes only those come back', (t) => {
  const packed = packProbabilities(Float32Array.of(0.5, 0.25), [700, 3]);
  t.same(unpackProbabilities(packed, labelsOf(1000)), { 'class 700': 0.5, 'class 3': 0.25 });
  t.end();
});

t.test('what is no probability is taken for the nearest', (t) => {
  const packed = packProbabilities(Float32Array.from([-0.1, 1.1]));
  t.same(unpackProbabilities(packed, ['a', 'b']), { a: 0, b: 1 });
  t.end();
});
