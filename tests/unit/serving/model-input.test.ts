import t from 'tap';
import { INPUT_TYPES } from '../../../src/models/engines/engine.js';
import { checkTensor, owned } from '../../../src/serving/model-input.js';
import { testManifest } from '../../support/model-version.js';

const { input } = testManifest({});
const SHAPE = [input.height, input.width, input.channels];
const VALUES = input.height * input.width * input.channels;

t.test('pixels must have the model’s number of bytes and, where it was told, its shape', (t) => {
  const bytes = new Uint8Array(VALUES);
  const check = (pixels: Uint8Array, shape: readonly number[] | undefined) => (): void =>
    checkTensor({ kind: 'pixels', bytes: pixels, shape }, input, INPUT_TYPES);
  t.doesNotThrow(check(bytes, undefined));
  t.doesNotThrow(check(bytes, SHAPE));
  const wrong = { code: 'bad_request', details: { expected_bytes: VALUES } };
  t.throws(check(bytes, [input.height / 2, input.width * 2, input.channels]), wrong);
  t.throws(check(bytes, [VALUES]), wrong);
  t.throws(check(new Uint8Array(VALUES - 1), undefined), wrong);
  t.throws(check(new Uint8Array(VALUES + 1), SHAPE), wrong);
  t.end();
});

t.test('floats must have their own number of bytes, and an engine that takes them', (t) => {
  const check =
    (type: 'float32' | 'float16', bytes: number, inputTypes = INPUT_TYPES) =>
    (): void =>
      checkTensor({ kind: 'floats', type, bytes: new Uint8Array(bytes), shape: SHAPE }, input, inputTypes);
  t.doesNotThrow(check('float32', 4 * VALUES));
  t.doesNotThrow(check('float16', 2 * VALUES));
  t.throws(check('float32', VALUES), { code: 'bad_request', details: { expected_bytes: 4 * VALUES } });
  const pixelsOnly = (): void =>
    checkTensor({ kind: 'floats', type: 'float32', bytes: new Uint8Array(4 * VALUES), shape: SHAPE }, input, [
      'uint8',
    ]);
  t.throws(pixelsOnly, { code: 'bad_request', message: /takes uint8 pixels only, not float32/ });
  t.end();
});

t.test('only pixels in borrowed memory are copied', (t) => {
  const bytes = Uint8Array.from([1, 2, 3]);
  const own = { kind: 'pixels', bytes, shape: undefined } as const;
  t.equal(owned(own), own);
  const copy = owned({ ...own, isBorrowed: true });
  bytes.fill(0);
  t.same(copy, { ...own, bytes: Uint8Array.from([1, 2, 3]) });
  t.end();
});
