import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { openActiveVersions } from '../../../../src/models/repository/active-versions.js';
import type { ModelVersion } from '../../../../src/models/repository/model-version.js';
import { openTrafficSplits } from '../../../../src/models/repository/traffic-splits.js';
import { FoveaError } from '../../../../src/platform/errors.js';
import type { Use } from '../../../../src/serving/rollout/loaded-versions.js';
import { Rollout } from '../../../../src/serving/rollout/rollout.js';
import type { ServedModel } from '../../../../src/serving/rollout/served-model.js';
import { copyRepository, MODEL } from '../../../support/second-model.js';

const RETIRE_MS = 100;

/** A rollout of versions 1 to 3 whose instances are in the hands of the test. */
class Rig {
  /** `<use> <version>`, in the order of their starts. */
  readonly started: string[] = [];
  readonly ended: number[] = [];
  readonly active: number[] = [];
  readonly refused: number[] = [];
  /** A version that cannot be started. */
  failing = 0;
  readonly rollout: Rollout;

  private constructor(
    options: Pick<ConstructorParameters<typeof Rollout>[0], 'modelsDirs' | 'active' | 'splits'>,
  ) {
    this.rollout = new Rollout({
      ...options,
      model: MODEL,
      start: (version, use) => this.#start(version, use),
      onActive: ({ classifier }) => this.active.push(classifier.version.version),
      onRefused: (version) => this.refused.push(version),
      retireMs: RETIRE_MS,
    });
  }

  static async start(t: Test): Promise<Rig> {
    const folder = t.testdir();
    const active = await openActiveVersions(join(folder, 'state', 'active-versions.json'));
    const splits = await openTrafficSplits(join(folder, 'state', 'traffic.json'));
    const rig = new Rig({ modelsDirs: copyRepository(join(folder, 'models'), [1, 2, 3]), active, splits });
    t.teardown(() => rig.rollout.close());
    await rig.rollout.begin();
    return rig;
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
    return {
      summary: '',
      classifier: {
        version,
        engine: {
          name: 'none',
          device: 'cpu',
          precision: 'float32',
          instances: 1,
          saturationRows: 1,
          passedOver: [],
        },
        queuedRows: 0,
        classify: () => Promise.reject(new Error('Nothing is classified here.')),
        drain: () => {
          this.ended.push(version.version);
          return Promise.resolve();
        },
      },
    };
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
  t.ok(rig.rollout.goOnWithout(rig.chosen(2)));
  t.same(rig.answers(3), [3, 3, 3]);
  t.ok(rig.rollout.goOnWithout(rig.chosen(1)));
  t.same(rig.rollout.serving?.shadows, []);
  t.notOk(rig.rollout.goOnWithout(rig.chosen(3)), 'not without the active one');
});
