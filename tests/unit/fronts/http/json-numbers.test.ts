import t from 'tap';
import {
  bytesOfBase64,
  bytesOfNumbers,
  flattenNumbers,
  parseTensorJson,
  shortFloat,
} from '../../../../src/fronts/http/json-numbers.js';

t.test('nested lists become a shape and numbers', (t) => {
  t.same(
    flattenNumbers([
      [1, 2],
      [3, 4],
      [5, 6],
    ]),
    { shape: [3, 2], numbers: [1, 2, 3, 4, 5, 6] },
  );
  for (const bad of [[[1], [2, 3]], [1, [2]], [[1], 2], ['1'], [null], {}, [[[[[[[[[1]]]]]]]]], [[], [1]]])
    t.throws(() => flattenNumbers(bad), { code: 'bad_request' }, JSON.stringify(bad));
  t.end();
});

t.test('a float32 is written as short as it reads back', (t) => {
  for (const value of [0.1, 1 / 3, 1e-9, 16_777_217, 0.895_633_76].map(Math.fround)) {
    t.equal(Math.fround(shortFloat(value)), value);
    t.ok(String(shortFloat(value)).length <= String(value).length);
  }
  t.equal(shortFloat(Math.fround(0.1)), 0.1);
  t.end();
});

t.test('JSON of too many values is refused before it is parsed', (t) => {
  t.same(parseTensorJson(Buffer.from('[1,2]'), 2), [1, 2]);
  t.throws(() => parseTensorJson(Buffer.from('[1,2'), 1), { code: 'too_large' });
  t.throws(() => parseTensorJson(Buffer.from(''), 1), { code: 'bad_request' });
  t.end();
});

t.test('pixels are bytes, and base64 is base64', (t) => {
  for (const bad of [256, -1, 0.5]) t.throws(() => bytesOfNumbers([bad], 'uint8'), { code: 'bad_request' });
  t.same(bytesOfBase64('-_8'), Buffer.of(0xfb, 0xff));
  t.throws(() => bytesOfBase64('a b'), { code: 'bad_request' });
  t.end();
});
