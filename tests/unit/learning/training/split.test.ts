import t from 'tap';
import { splitByClass } from '../../../../src/learning/training/split.js';

t.test('a class of any size is split', (t) => {
  const length = 300_000;
  const classOf = (index: number): number => (index % 3 === 0 ? 1 : 0);
  const images = { rowBytes: 1, length, classOf, fileDigestOf: String, row: () => new Uint8Array(1) };
  const { train, validation } = splitByClass(images, 0.1);
  t.equal(validation.length, 30_000);
  t.same(
    new Uint32Array([...train, ...validation]).sort(),
    Uint32Array.from({ length }, (_, index) => index),
  );
  t.equal(validation.filter((index) => classOf(index) === 1).length, 10_000);
  t.end();
});
