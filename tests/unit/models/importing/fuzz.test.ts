import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { xoroshiro128plus } from 'pure-rand';
import { test } from 'tap';
import { readOnnx } from '../../../../src/models/formats/onnx/read-onnx.js';
import { IMPORT_LIMITS } from '../../../../src/models/importing/import-limits.js';
import { readKerasArchive, readKerasHdf5 } from '../../../../src/models/importing/keras/read-keras.js';
import { FoveaError } from '../../../../src/platform/errors.js';
import { MODEL_FIXTURES } from '../../../support/imported-models.js';

const READERS: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  'residual.onnx': (bytes) => readOnnx(bytes),
  'nested.keras': (bytes) => readKerasArchive(bytes, IMPORT_LIMITS),
  'nested.h5': (bytes) => readKerasHdf5(bytes),
};
const ROUNDS = 60;
const CHANGED_BYTES = 12;

/** Where and what, from a fixed seed. */
function damaged(bytes: Uint8Array, seed: number): Uint8Array {
  const random = xoroshiro128plus(seed);
  const below = (limit: number) => (random.unsafeNext() >>> 0) % limit;
  const copy = Uint8Array.from(bytes).subarray(0, seed % 4 === 0 ? below(bytes.length) : bytes.length);
  // Most structure lies in front.
  for (let change = 0; change < CHANGED_BYTES && copy.length > 0; change++)
    copy[below(change % 2 === 0 ? Math.min(copy.length, 2048) : copy.length)] = below(256);
  return copy;
}

for (const [file, read] of Object.entries(READERS))
  test(`damaged files like ${file} are refused in words, or read`, async (t) => {
    const bytes = await readFile(join(MODEL_FIXTURES, file));
    let refused = 0;
    for (let seed = 1; seed <= ROUNDS; seed++) {
      try {
        await read(damaged(bytes, seed));
      } catch (error) {
        if (!(error instanceof FoveaError)) throw error;
        t.ok(['model_invalid', 'too_large'].includes(error.code), `${seed}: ${error.code}`);
        refused++;
      }
    }
    t.ok(refused > ROUNDS / 4, `${refused} of ${ROUNDS} were refused`);
    await t.resolves(Promise.resolve(read(bytes)), 'the reader still works');
  });
