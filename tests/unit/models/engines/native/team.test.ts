import { readdirSync, readFileSync } from 'node:fs';
import { type Test, test } from 'tap';
import { loadEngine } from '../../../../../src/models/engines/select.js';
import type { ModelVersion } from '../../../../../src/models/repository/model-version.js';
import { largeConvolutions } from '../../../../support/architectures.js';
import { largestDifference } from '../../../../support/difference.js';
import { realPixels } from '../../../../support/images.js';
import { writeModelVersion } from '../../../../support/model-version.js';

const NATIVE = { engine: 'native', device: 'cpu', precision: 'float32' } as const;
/** The answers to one image of an engine whose batches get `threadsAlone` threads while no other batch runs. */
async function answersOf(test: Test, version: ModelVersion, threadsAlone: number): Promise<Float32Array[]> {
  const options = { maxBatchSize: 1, threads: 1, threadsAlone, golden: [] };
  const { engine } = await loadEngine(version, NATIVE, options);
  test.teardown(() => engine.dispose());
  const { pixels } = await realPixels();
  return Array.from({ length: 8 }, () => {
    const outputs = new Float32Array(version.manifest.labels.length);
    engine.run(pixels, 1, outputs);
    return outputs;
  });
}

/** The threads of this process's team. */
function teamThreads(): number {
  const names = readdirSync('/proc/self/task').map((id) =>
    readFileSync(`/proc/self/task/${id}/comm`, 'utf8'),
  );
  return names.filter((name) => name === 'batch-team\n').length;
}

test('a batch of less than a millisecond stays on its thread', async (t) => {
  const version = await writeModelVersion(t.testdir(), largeConvolutions({ channels: 4, convolutions: 1 }));
  await answersOf(t, version, 2);
  t.equal(teamThreads(), 0);
});

test('a batch of some milliseconds that runs alone gets a team, and the answers are those of one thread', async (t) => {
  const version = await writeModelVersion(t.testdir(), largeConvolutions({ channels: 64, convolutions: 4 }));
  const [expected = new Float32Array()] = await answersOf(t, version, 1);
  t.equal(teamThreads(), 0);
  for (const answers of await answersOf(t, version, 2)) t.ok(largestDifference(answers, expected) < 1e-5);
  t.equal(teamThreads(), 2);
});
