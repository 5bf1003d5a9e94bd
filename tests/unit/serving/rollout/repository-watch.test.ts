import { appendFileSync, cpSync, mkdirSync, renameSync, rmSync, truncateSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { writeAcceptance } from '../../../../src/models/repository/acceptance.js';
import { FoveaError } from '../../../../src/platform/errors.js';
import type { PickedUp } from '../../../../src/serving/rollout/model-control.js';
import { RepositoryWatch } from '../../../../src/serving/rollout/repository-watch.js';
import { addVersion, copyRepository, MODEL } from '../../../support/second-model.js';

const NOTHING: PickedUp = { added: [], refused: [], isComplete: true };
const DAMAGED = new FoveaError('model_invalid', 'weights.bin has 5 bytes, its manifest says 9.');

/** A watch whose pick-ups answer what the test says. */
function watchOf(modelsDirs: readonly string[]) {
  const rig = { picked: 0, answer: NOTHING, added: [''], refused: [''], failures: [''] };
  const watch = new RepositoryWatch({
    modelsDirs,
    pickUp: async () => {
      rig.picked += 1;
      return rig.answer;
    },
    onAdded: (versions) => rig.added.push(...versions),
    onRefused: ({ model, version }) => rig.refused.push(`${model}/${version}`),
    onPolled: (failure) => rig.failures.push(failure?.code ?? 'none'),
  });
  /** How many pick-ups a poll causes. */
  const poll = async (): Promise<number> => {
    const before = rig.picked;
    await watch.poll();
    return rig.picked - before;
  };
  return { rig, poll };
}

t.test('versions are taken when folders change, and only then', async (t) => {
  const folder = copyRepository(t.testdir());
  const own = join(folder, '..', 'own');
  const { poll } = watchOf([folder, own]);
  t.equal(await poll(), 1);
  t.equal(await poll(), 0);
  // As a training writes a version.
  const unfinished = join(folder, MODEL, '.unfinished-1');
  cpSync(join(folder, MODEL, '1'), unfinished, { recursive: true });
  renameSync(unfinished, join(folder, MODEL, '3'));
  t.equal(await poll(), 1, 'a version');
  mkdirSync(join(folder, 'pets', '1'), { recursive: true });
  t.equal(await poll(), 1, 'a model');
  await writeAcceptance(join(folder, MODEL, '3'), { state: 'candidate', reason: null });
  t.equal(await poll(), 1, 'its acceptance');
  mkdirSync(join(own, MODEL, '9'), { recursive: true });
  t.equal(await poll(), 1, 'a version of this server');
  rmSync(join(folder, 'pets'), { recursive: true });
  t.equal(await poll(), 1, 'a deletion');
  t.equal(await poll(), 0);
  rmSync(own, { recursive: true });
});

t.test('a version that is being copied is tried when its files change, and told once', async (t) => {
  const folder = copyRepository(t.testdir());
  const { rig, poll } = watchOf([folder]);
  const weights = join(addVersion(folder, 3), 'weights.bin');
  truncateSync(weights, 5);
  rig.answer = { ...NOTHING, added: [`${MODEL}/3`], refused: [{ model: MODEL, version: 3, error: DAMAGED }] };
  await poll();
  await poll();
  t.equal(await poll(), 0, 'nothing has changed');
  appendFileSync(weights, 'more');
  // A coarse clock of the file system must not matter.
  utimesSync(weights, 1, 1);
  t.equal(await poll(), 1);
  rig.answer = NOTHING;
  appendFileSync(weights, 'all');
  t.equal(await poll(), 1);
  t.same(rig.refused, ['', `${MODEL}/3`]);
});

t.test('versions that could not be looked at are looked at again', async (t) => {
  const { rig, poll } = watchOf([copyRepository(t.testdir())]);
  rig.answer = { ...NOTHING, isComplete: false };
  t.equal(await poll(), 1);
  rig.answer = NOTHING;
  t.equal(await poll(), 1);
  t.equal(await poll(), 0);
});

t.test('a repository that cannot be read is told at each poll, until it can', async (t) => {
  const folder = t.testdir();
  const { rig, poll } = watchOf([join(folder, 'later')]);
  await poll();
  mkdirSync(join(folder, 'later'));
  await poll();
  t.same(rig.failures, ['', 'model_invalid', 'none']);
});
