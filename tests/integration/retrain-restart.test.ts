import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import {
  epochsEnded,
  retrain,
  retrainingEnded,
  retrainingEnvironment,
  retrainingStatus,
  servedVersion,
  versionsOf,
} from '../support/retrainings.js';
import { startServer } from '../support/running-server.js';
import { MODEL } from '../support/second-model.js';

/** The tests share the repository. */
const folder = t.testdir();
const env = await retrainingEnvironment(folder);

t.test('a training survives a restart of the server, or is reported as interrupted', async (t) => {
  const first = await startServer(t, env);
  await retrain(first.url, { epochs: 10, patience: 0 });
  const before = await epochsEnded(first.url, 2);
  await first.app.close();

  const second = await startServer(t, env);
  t.match(await retrainingEnded(second.url), {
    job: { id: before.job?.id, state: 'succeeded', progress: { curves: { length: 10 } } },
  });

  await retrain(second.url, { epochs: 10_000, patience: 0 });
  await epochsEnded(second.url, 1);
  await second.app.close();
  const third = await startServer(t, { ...env, FOVEA_RETRAINING_AFTER_RESTART: 'interrupt' });
  t.match(await retrainingStatus(third.url), { is_retraining: false, status: { status: 'interrupted' } });
});

t.test(
  'where the repository is read-only new versions go to the state directory, and are served',
  async (t) => {
    const shared = join(env.FOVEA_MODELS_DIR, MODEL);
    const state = join(folder, 'other-state');
    const base: Record<string, string> = { ...env, FOVEA_STATE_DIR: state };
    const { app, url } = await startServer(t, { ...base, FOVEA_MODELS_READ_ONLY: 'true' });
    t.equal((await retrainingStatus(url)).job, null, 'another state directory knows nothing of a training');
    const settings = { epochs: 1, max_accuracy_drop: 1, auto_activate: true, base_version: 2 };
    t.equal((await retrain(url, settings)).status, 202);
    t.match(await retrainingEnded(url), { job: { result: { version: 4, is_activated: true } } });
    t.equal(await servedVersion(url), 4);
    t.same(readdirSync(shared), ['2', '3'], 'nothing was written there');
    t.same(readdirSync(join(state, 'models', MODEL)), ['4']);
    t.match(await versionsOf(url), [{ version: 4, parent: `${MODEL}/2` }, { version: 3 }, { version: 2 }]);
    const listed = await (await fetch(`${url}/api/models/${MODEL}`)).json();
    t.match(listed, { active_version: 4 });
    await app.close();

    const again = await startServer(t, base);
    t.equal(await servedVersion(again.url), 4, 'also after a restart');
    t.equal((await retrain(again.url, { epochs: 1 })).status, 202);
    t.match(
      await retrainingEnded(again.url),
      { job: { result: { version: 5 } } },
      'no number is given twice',
    );
    t.ok(readdirSync(shared).includes('5'), 'written where it can be again');
  },
);
