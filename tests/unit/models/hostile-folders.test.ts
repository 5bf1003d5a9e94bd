import t from 'tap';
import { fuzzedVersions } from '../../support/fuzzed-versions.js';
import { Mutations } from '../../support/mutations.js';

/* The same damage with each run; `bench/fuzz.bench.ts` does more. */

const SEED = 16;
const CASES = 40;

t.test('a damaged version of any format is opened or refused, and says why', async (t) => {
  for (const [name, target] of Object.entries(await fuzzedVersions(t.testdir()))) {
    for (let number = 0; number < CASES; number++) {
      const seed = SEED + number;
      await target(new Mutations(seed)).catch((error: unknown) =>
        t.fail(`${name}, seed ${seed}`, { cause: error }),
      );
    }
  }
});
