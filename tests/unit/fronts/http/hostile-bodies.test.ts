import t from 'tap';
import {
  type FuzzTarget,
  jsonBodies,
  multipart,
  tensors,
  uploadForms,
} from '../../../support/fuzz-targets.js';
import { Mutations } from '../../../support/mutations.js';

/* The same bodies with each run; `bench/fuzz.bench.ts` runs others for longer. */

const SEED = 16;

async function run(target: FuzzTarget, cases: number): Promise<void> {
  for (let number = 0; number < cases; number++) await target(new Mutations(SEED + number));
}

t.test('forms come back as they were sent, or are refused', () => run(multipart, 3000));
t.test('JSON is parsed by its schema, or refused', () => run(jsonBodies, 3000));
t.test('tensors keep their shape, or are refused', () => run(tensors, 3000));
t.test('forms of uploads are received, or refused', (t) => run(uploadForms(t.testdir()), 300));
