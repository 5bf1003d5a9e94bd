import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { readAcceptance, writeAcceptance } from '../../../../src/models/repository/acceptance.js';
import type { ModelVersion } from '../../../../src/models/repository/model-version.js';
import {
  openRolloutChoices,
  type RolloutChoices,
} from '../../../../src/models/repository/rollout-choices.js';
import { FoveaError } from '../../../../src/platform/errors.js';
import type { Use } from '../../../../src/serving/rollout/loaded-versions.js';
import { Rollout } from '../../../../src/serving/rollout/rollout.js';
import type { ServedModel } from '../../../../src/serving/rollout/served-model.js';
import { idleModel } from '../../../support/idle-model.js';
import { addVersion, copyRepository, MODEL, tamper } from '../../../support/second-model.js';

const RETIRE_MS = 100;

/** A rollout of versions 1 to 3 whose instances are in the hands of the test. */
class Rig {
  /** `<use> <version>`, in the order of their starts. */
  readonly started: string[] = [];
  readonly ended: number[] = [];
  readonly active: number[] = [];
  readonly refused: number[] = [];
  /** Chosen versions that cannot be served, after the last change. */
  missing: number[] = [];
  /** A version that cannot be started. */
  failing = 0;
  readonly rollout: Rollout;

  readonly stateDir: string;
  readonly #modelsDirs: string;

  private constructor(stateDir: string, modelsDirs: string, choices: RolloutChoices) {
    this.stateDir = stateDir;
    this.#modelsDirs = modelsDirs;
    this.rollout = new Rollout({
      modelsDirs,
      choices,
      model: MODEL,
      start: (version, use) => this.#start(version, use),
      onActive: ({ classifier }) => this.active.push(classifier.version.version),
      onRefused: (version) => this.refused.push(version),
      onMissing: (missing) => {
        this.missing = [...missing.keys()];
      },
      retireMs: RETIRE_MS,
    });
  }

  static async start(t: Test): Promise<Rig> {
    const folder = t.testdir();
    return Rig.#open(t, join(folder, 'state'), copyRepository(join(folder, 'models'), [1, 2, 3]));
  }

  static async #open(t: Test, stateDir: string, modelsDirs: string): Promise<Rig> {
    const rig = new Rig(stateDir, modelsDirs, await openRolloutChoices(stateDir));
    t.teardown(() => rig.rollout.close());
    await rig.rollout.begin();
    return rig;
  }

  /** What the next server finds. */
  restart(t: Test): Promise<Rig> {
    return Rig.#open(t, this.stateDir, this.#modelsDirs);
  }

  /** A server on the same repository with a state directory of its own. */
  replica(t: Test): Promise<Rig> {
    return Rig.#open(t, `${this.stateDir}-of-replica`, this.#modelsDirs);
  }

  get repository(): string {
    return this.#modelsDirs;
  }

  /** Which versions answer so many requests. */
  answers(requests: number): number[] {
    return Array.from({ length: requests }, () => this.chosen().version);
  }

  chosen(version?: number): ModelVersion {
    const chosen = this.rollout.serving?.choose(version);
    if (chosen === undefined) throw new Error('Nothing is served.');
    return chosen.classifier.version;
  }

  async #start(version: ModelVersion, use: Use): Promise<ServedModel> {
    await sleep(10);
    if (version.version === this.failing) throw new FoveaError('engine_failed', 'It will not start.');
    this.started.push(`${use} ${version.version}`);
    return idleModel(version, () => this.ended.push(version.version));
  }
}

const HALVES = [
  { version: 3, percent: 50 },
  { version: 2, percent: 50 },
];

t.test('a version that is wanted again before it has ended goes on', async (t) => {
  const rig = await Rig.start(t);
  await rig.rollout.setTraffic({ split: HALVES, shadow: [] });
  await rig.rollout.setTraffic({ shadow: [] });
  await rig.rollout.setTraffic({ split: HALVES, shadow: [] });
  await sleep(2 * RETIRE_MS);
  t.same(rig.started, ['answers 3', 'answers 2']);
  t.same(rig.ended, []);
  t.same(rig.answers(4), [3, 2, 3, 2]);
});

t.test('a version ends a while after nothing wants it any more', async (t) => {
  const rig = await Rig.start(t);
  await rig.rollout.activate(2);
  t.same(rig.ended, [], 'requests may still hold it');
  await sleep(2 * RETIRE_MS);
  t.same(rig.ended, [3]);
  t.same(rig.active, [3, 2]);
});

t.test('a shadow that is promoted gets instances for answers', async (t) => {
  const rig = await Rig.start(t);
  await rig.rollout.setTraffic({ shadow: [1] });
  await rig.rollout.promote(undefined);
  t.same(rig.started, ['answers 3', 'shadow 1', 'answers 1']);
  t.same(rig.answers(2), [1, 1]);
});

t.test('where one version of a change cannot be started nothing changes, and the others end', async (t) => {
  const rig = await Rig.start(t);
  rig.failing = 1;
  await t.rejects(rig.rollout.setTraffic({ split: HALVES, shadow: [1] }), { code: 'engine_failed' });
  t.same(rig.answers(2), [3, 3]);
  await sleep(2 * RETIRE_MS);
  t.same(rig.ended, [2]);
});

t.test('only one change runs at a time', async (t) => {
  const rig = await Rig.start(t);
  const first = rig.rollout.setTraffic({ split: HALVES, shadow: [] });
  await t.rejects(rig.rollout.activate(1), { code: 'activation_running' });
  await first;
  await rig.rollout.activate(1);
  t.same(rig.answers(1), [1]);
});

t.test('when a canary’s or a shadow’s instances are gone the others go on', async (t) => {
  const rig = await Rig.start(t);
  await rig.rollout.setTraffic({ split: HALVES, shadow: [1] });
  t.ok(rig.rollout.removeFailed(rig.chosen(2)));
  t.same(rig.answers(3), [3, 3, 3]);
  t.ok(rig.rollout.removeFailed(rig.chosen(1)));
  t.same(rig.rollout.serving?.shadows, []);
  t.notOk(rig.rollout.removeFailed(rig.chosen(3)), 'not without the active one');
});

t.test(
  'activation and traffic change together: where they cannot be written neither has changed',
  async (t) => {
    const rig = await Rig.start(t);
    await rig.rollout.setTraffic({ split: HALVES, shadow: [1] });
    // The disk refuses the last file that the activation writes.
    for (const name of ['traffic.json', 'rollouts.json'])
      mkdirSync(join(rig.stateDir, `${name}.${process.pid}.unfinished`));
    await t.rejects(rig.rollout.activate(2), { code: 'EISDIR' });
    t.same(rig.answers(2), [3, 2], 'what served before goes on');
    const next = await rig.restart(t);
    t.same(next.active, [3], 'also after a restart');
    t.same(next.answers(2), [3, 2]);
    t.same(next.started, ['answers 3', 'answers 2', 'shadow 1']);
  },
);

t.test('an activation ends the split in the same write', async (t) => {
  const rig = await Rig.start(t);
  await rig.rollout.setTraffic({ split: HALVES, shadow: [1] });
  await rig.rollout.activate(2);
  t.same(readdirSync(rig.stateDir), ['rollouts.json']);
  const next = await rig.restart(t);
  t.same(next.started, ['answers 2']);
  await next.rollout.rollBack();
  t.same(next.answers(1), [3]);
  await t.rejects(next.rollout.rollBack(), { code: 'not_found' }, 'a second roll-back brings nothing back');
  t.same(next.answers(1), [3]);
});

t.test('the choices of a release with two files are read once, and kept in one', async (t) => {
  const stateDir = t.testdir({
    'active-versions.json': JSON.stringify({ [MODEL]: { version: 2, previous: 3 } }),
    'traffic.json': JSON.stringify({
      other: { split: [], shadow: [1], since: '2026-01-01T00:00:00.000Z' },
    }),
  });
  const first = await openRolloutChoices(stateDir);
  writeFileSync(join(stateDir, 'active-versions.json'), 'no longer read');
  for (const choices of [first, await openRolloutChoices(stateDir)]) {
    t.same(choices.of(MODEL), { active: { version: 2, previous: 3 }, traffic: null });
    t.match(choices.of('other'), { active: null, traffic: { shadow: [1] } });
  }
});

t.test('a file that says no choices is not overwritten', async (t) => {
  const stateDir = t.testdir({ 'rollouts.json': '{"a": 1}' });
  await t.rejects(openRolloutChoices(stateDir), { code: 'config_invalid' });
  const older = t.testdir({ 'traffic.json': '{"a": 1}' });
  await t.rejects(openRolloutChoices(older), { code: 'config_invalid' });
  t.same(readdirSync(older), ['traffic.json']);
});

t.test(
  'a fresh server takes the highest accepted version; an activation accepts a version for all',
  async (t) => {
    const rig = await Rig.start(t);
    const stamped = 1_700_000_000;
    const directory = addVersion(rig.repository, stamped);
    await writeAcceptance(directory, { state: 'refused', reason: 'It is worse.' });
    t.equal((await rig.replica(t)).chosen().version, 3);
    await rig.rollout.activate(stamped);
    t.equal(rig.chosen().version, stamped);
    t.match(await readAcceptance(directory), { state: 'accepted' });
    t.equal((await rig.replica(t)).chosen().version, stamped);
  },
);

t.test('a higher accepted version is taken until somebody chooses one', async (t) => {
  const rig = await Rig.start(t);
  t.equal((await rig.rollout.takeNewest()).size, 0);
  t.same(rig.started, ['answers 3'], 'nothing is new');
  const refused = addVersion(rig.repository, 7);
  await writeAcceptance(refused, { state: 'refused', reason: 'It is worse.' });
  await writeAcceptance(addVersion(rig.repository, 6), { state: 'candidate', reason: null });
  tamper(addVersion(rig.repository, 5));
  addVersion(rig.repository, 4);
  const problems = await rig.rollout.takeNewest();
  t.same([...problems.keys()], [5], 'a damaged version is passed over');
  t.equal(rig.chosen().version, 4);
  t.equal((await rig.restart(t)).chosen().version, 4, 'as a restart would');
  await rig.rollout.activate(3);
  await rig.rollout.takeNewest();
  t.equal(rig.chosen().version, 3);
});

t.test('chosen versions that cannot be served are told until another choice', async (t) => {
  const rig = await Rig.start(t);
  await rig.rollout.setTraffic({ split: HALVES, shadow: [1] });
  tamper(join(rig.repository, MODEL, '2'));
  rmSync(join(rig.repository, MODEL, '1'), { recursive: true });
  const next = await rig.restart(t);
  t.same(next.missing, [2, 1]);
  t.same(next.answers(2), [3, 3]);
  await next.rollout.abort();
  t.same(next.missing, []);
  await next.rollout.activate(3);
  tamper(join(rig.repository, MODEL, '3'));
  addVersion(rig.repository, 4, 2);
  const last = await rig.restart(t).catch((error: unknown) => error);
  t.match(last, { code: 'model_invalid' }, 'no version is sound');
});
