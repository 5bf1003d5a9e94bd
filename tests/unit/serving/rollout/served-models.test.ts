import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { openRolloutChoices } from '../../../../src/models/repository/rollout-choices.js';
import { ServedModels } from '../../../../src/serving/rollout/served-models.js';
import { idleModel } from '../../../support/idle-model.js';
import { copyRepository, MODEL } from '../../../support/second-model.js';

t.test('what another server chooses while a model loads is served after the load', async (t) => {
  const folder = t.testdir();
  const choices = await openRolloutChoices(join(folder, 'state'));
  const started: number[] = [];
  const models = new ServedModels({
    modelsDirs: copyRepository(join(folder, 'models'), [1, 2]),
    alias: '',
    scan: () => Promise.reject(new Error('Nothing is scanned here.')),
    choices,
    remembered: { name: undefined, remember: () => Promise.resolve() },
    start: async (version) => {
      started.push(version.version);
      await sleep(50);
      return idleModel(version);
    },
    onDefault: () => undefined,
    onRefused: () => undefined,
    onMissing: () => undefined,
    onIgnored: () => undefined,
    retireMs: 0,
  });
  t.teardown(() => models.close());
  const begun = models.begin(MODEL);
  while (started.length === 0) await sleep(1);
  const choice = { active: { version: 1, previous: null }, traffic: null };
  await models.follow(MODEL, choice, () => choices.set(MODEL, choice));
  await begun;
  t.same(started, [2, 1]);
  t.equal(models.activeOf()?.classifier.version.version, 1);
  t.same(choices.of(MODEL), choice);
});
