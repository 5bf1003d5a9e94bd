import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { xoroshiro128plus } from 'pure-rand';
import { test } from 'tap';
import { readOnnx } from '../../../../src/models/formats/onnx/read-onnx.js';
import { lastOperation } from '../../../../src/models/formats/saved-model/last-operation.js';
import { readSavedModel } from '../../../../src/models/formats/saved-model/read-saved-model.js';
import { readModelJson, readWeights } from '../../../../src/models/formats/tfjs-files/tfjs-model.js';
import { compileGraph } from '../../../../src/models/formats/tfjs-graph/compile.js';
import { readGraph } from '../../../../src/models/formats/tfjs-graph/graph.js';
import { choosePort } from '../../../../src/models/formats/tfjs-graph/ports.js';
import { IMPORT_LIMITS } from '../../../../src/models/importing/import-limits.js';
import { readKerasArchive, readKerasHdf5 } from '../../../../src/models/importing/keras/read-keras.js';
import { FoveaError } from '../../../../src/platform/errors.js';
import { MODEL_FIXTURES } from '../../../support/imported-models.js';

const READERS: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  'residual.onnx': (bytes) => readOnnx(bytes),
  'nested.keras': (bytes) => readKerasArchive(bytes, IMPORT_LIMITS),
  'nested.h5': (bytes) => readKerasHdf5(bytes, IMPORT_LIMITS),
  'graph/model.json': readGraphModel,
  'saved/saved_model.pb': (bytes) => lastOperation(readSavedModel(bytes).graph, 'StatefulPartitionedCall:0'),
};
async function readGraphModel(bytes: Uint8Array): Promise<void> {
  const read = (name: string) =>
    name === 'model.json' ? Promise.resolve(bytes) : readFile(join(MODEL_FIXTURES, 'graph', name));
  const json = await readModelJson(read);
  const graph = readGraph(json);
  const ends = {
    input: choosePort(graph.inputs, undefined, 'input'),
    output: choosePort(graph.outputs, undefined, 'output'),
    inputShape: [32, 32, 3],
  };
  compileGraph(graph, await readWeights(json, read), ends);
}

const ROUNDS = 60;
const CHANGED_BYTES = 12;

/** Where and what, from a fixed seed. */
function damaged(bytes: Uint8Array, seed: number): Uint8Array {
  const random = xoroshiro128plus(seed);
  const below = (limit: number) => (random.unsafeNext() >>> 0) % limit;
  const copy = Uint8Array.from(bytes).subarray(0, seed % 4 === 0 ? below(bytes.length) : bytes.length);
  // JSON with other numbers reaches what reads the parsed values; random bytes end in its parser.
  const isJson = copy[0] === 0x7b && seed % 2 === 0;
  // Most structure lies in front.
  for (let change = 0; change < CHANGED_BYTES && copy.length > 0; change++)
    changeByte(copy, below(change % 2 === 0 ? Math.min(copy.length, 2048) : copy.length), isJson, below);
  return copy;
}

function changeByte(
  bytes: Uint8Array,
  from: number,
  isJson: boolean,
  below: (limit: number) => number,
): void {
  const digit = bytes.findIndex((byte, index) => index >= from && byte >= 0x30 && byte <= 0x39);
  if (!isJson) bytes[from] = below(256);
  else if (digit >= 0) bytes[digit] = 0x30 + below(10);
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
