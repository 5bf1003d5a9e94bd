import t from 'tap';
import { checkPixels } from '../../../src/serving/model-input.js';
import { testManifest } from '../../support/model-version.js';

const { input } = testManifest({});
const SHAPE = [input.height, input.width, input.channels];
const BYTES = input.height * input.width * input.channels;

t.test('pixels must have the model’s number of bytes and, where it was told, its shape', (t) => {
  const bytes = new Uint8Array(BYTES);
  const check = (pixels: Uint8Array, shape: readonly number[] | undefined) => (): void =>
    checkPixels({ kind: 'pixels', bytes: pixels, shape }, input);
  t.doesNotThrow(check(bytes, undefined));
  t.doesNotThrow(check(bytes, SHAPE));
  const wrong = { code: 'bad_request', details: { expected_bytes: BYTES } };
  t.throws(check(bytes, [input.height / 2, input.width * 2, input.channels]), wrong);
  t.throws(check(bytes, [BYTES]), wrong);
  t.throws(check(new Uint8Array(BYTES - 1), undefined), wrong);
  t.throws(check(new Uint8Array(BYTES + 1), SHAPE), wrong);
  t.end();
});
