import { readFileSync } from 'node:fs';
import t from 'tap';
import { z } from 'zod';
import { runTraining, TRAINING_RUNS } from '../../../support/training-runs.js';

/** By `runTraining` at commit 0313664, where layers were trained one by one with an update for each weight; batches in parts at
 * e230d44, which cut them into full parts and a rest. */
const FIXTURE = 'tests/fixtures/training/loss-curves.json';
const curvesSchema = z.record(
  z.string(),
  z.object({ losses: z.array(z.number()), probabilities: z.array(z.number()) }),
);
/** Processors round differently: by up to 1.1e-5 so far. */
const TOLERANCE = 5e-5;

const CURVES = curvesSchema.parse(JSON.parse(readFileSync(FIXTURE, 'utf8')));

for (const run of TRAINING_RUNS) {
  t.test(`${run.name}: losses and answers are those recorded`, async (t) => {
    const { losses, probabilities } = await runTraining(run);
    const expected = CURVES[run.name] ?? { losses: [], probabilities: [] };
    t.equal(losses.length, 8);
    for (const [step, loss] of losses.entries()) {
      const gap = Math.abs(loss - (expected.losses[step] ?? Number.NaN));
      t.ok(gap < TOLERANCE, `step ${step + 1}: ${loss} differs by ${gap}`);
    }
    const gaps = probabilities.map((value, place) => Math.abs(value - (expected.probabilities[place] ?? 1)));
    t.ok(Math.max(...gaps) < TOLERANCE, `probabilities differ by ${Math.max(...gaps)}`);
  });
}
