import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { type Test, test } from 'tap';
import { loadEngine } from '../../../../../src/models/engines/select.js';
import type { ModelVersion } from '../../../../../src/models/repository/model-version.js';
import { largeConvolutions } from '../../../../support/architectures.js';
import { largestDifference } from '../../../../support/difference.js';
import { realPixels } from '../../../../support/images.js';
import { writeModelVersion } from '../../../../support/model-version.js';

const NATIVE = { engine: 'native', device: 'cpu', precision: 'float32' } as const;
/** Longer than an idle thread of the team looks for work. */
const IDLE_MS = 20;

/** Time that the team's threads have run, by thread.
 * @source https://docs.kernel.org/scheduler/sched-stats.html */
function teamNanoseconds(): number[] {
  const tasks = readdirSync('/proc/self/task').map((id) => `/proc/self/task/${id}`);
  const ofTeam = tasks.filter((task) => readFileSync(`${task}/comm`, 'utf8') === 'batch-team\n');
  return ofTeam.map((task) => Number(readFileSync(`${task}/schedstat`, 'utf8').split(' ')[0]));
}

/** The answers to the same images, eight times, of an engine whose batches get `threadsAlone` threads while no other batch runs, and
 * how long each thread of the team ran meanwhile. */
async function run(test: Test, version: ModelVersion, threadsAlone: number, rows = 1) {
  const options = { maxBatchSize: rows, threads: 1, threadsAlone, golden: [] };
  const { engine } = await loadEngine(version, NATIVE, options);
  test.teardown(() => engine.dispose());
  const { pixels } = await realPixels();
  await wait(IDLE_MS);
  const before = teamNanoseconds();
  const answers = Array.from({ length: 8 }, () => {
    const outputs = new Float32Array(rows * version.manifest.labels.length);
    engine.run(pixels, rows, outputs);
    return outputs;
  });
  const ran = teamNanoseconds().map((nanoseconds, thread) => nanoseconds - (before[thread] ?? 0));
  return { answers, ran };
}

test('a batch of some milliseconds that runs alone gets a team, and the answers are those of one thread', async (t) => {
  const version = await writeModelVersion(t.testdir(), largeConvolutions({ channels: 64, convolutions: 4 }));
  const byOne = await run(t, version, 1);
  t.same(byOne.ran, [], 'no team');
  const byTeam = await run(t, version, 2);
  t.equal(byTeam.ran.length, 2);
  t.ok(
    byTeam.ran.every((nanoseconds) => nanoseconds > 0),
    `ran for ${byTeam.ran} ns`,
  );
  const [expected = new Float32Array()] = byOne.answers;
  for (const answers of byTeam.answers) t.ok(largestDifference(answers, expected) < 1e-5);
});

for (const rows of [3, 7, 19])
  test(`each of ${rows} images of a batch gets its answer, whichever thread of the team runs it`, async (t) => {
    const version = await writeModelVersion(
      t.testdir(),
      largeConvolutions({ channels: 64, convolutions: 4 }),
    );
    const [expected = new Float32Array()] = (await run(t, version, 1, rows)).answers;
    for (const threads of [2, 3]) {
      const byTeam = await run(t, version, threads, rows);
      t.ok(byTeam.ran.some((nanoseconds) => nanoseconds > 0));
      for (const answers of byTeam.answers) t.ok(largestDifference(answers, expected) < 1e-5);
    }
  });

test('a batch of less than a millisecond stays on its thread', async (t) => {
  const version = await writeModelVersion(t.testdir(), largeConvolutions({ channels: 4, convolutions: 1 }));
  const { ran } = await run(t, version, 2);
  t.same(ran, [0, 0]);
});
