import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startTraining } from '../../../../src/learning/training/training-process.js';
import { train } from '../../../support/run-training.js';
import { tinyTraining } from '../../../support/training-request.js';

/** @source sched(7) */
const SCHED_IDLE = '5';

/** The scheduling policy of each thread; field 41 of proc_pid_stat(5), the name's brackets cut off first. */
function policiesOf(pid: number | undefined): string[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    return (stat.split(') ').at(-1) ?? '').split(' ')[38] ?? '';
  });
}

t.test('a training that needs more memory than it may have ends by itself and says so', async (t) => {
  const folder = t.testdir();
  await t.rejects(train(await tinyTraining(folder, {}, { max_memory_bytes: 50 * 2 ** 20 })), {
    code: 'out_of_memory',
    details: { limit_bytes: 50 * 2 ** 20 },
  });
  await t.rejects(readdir(join(folder, 'models')), 'no version appears');
});

t.test(
  'a training in the background leaves the processor to others, with all its threads; its kill by the kernel is reported',
  async (t) => {
    let policies: string[] = [];
    const training = startTraining(
      await tinyTraining(t.testdir()),
      process.env,
      (event) => {
        if (event.type !== 'started' || training.pid === undefined) return;
        policies = policiesOf(training.pid);
        process.kill(training.pid, 'SIGKILL');
      },
      true,
    );
    await t.rejects(training.finished, { code: 'out_of_memory' });
    t.ok(policies.length > 4, 'it has threads');
    t.same(new Set(policies), new Set([SCHED_IDLE]));
  },
);

/** A control group with so much memory; undefined where we may make none. */
function makeCgroup(t: Test, limitBytes: number): string | undefined {
  const versions = [
    { folder: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes' },
    { folder: '/sys/fs/cgroup', limit: 'memory.max' },
  ];
  for (const { folder, limit } of versions) {
    const group = join(folder, `fovea-test-${process.pid}`);
    try {
      mkdirSync(group);
      t.teardown(() => rmdirSync(group));
      writeFileSync(join(group, limit), String(limitBytes));
      return group;
    } catch {
      // Not this version, or not allowed.
    }
  }
  return undefined;
}

t.test('a training whose container has too little memory ends with the same code', async (t) => {
  const group = makeCgroup(t, 100 * 2 ** 20);
  if (group === undefined) {
    t.plan(0, 'Control groups cannot be made here.');
    return;
  }
  const training = startTraining(await tinyTraining(t.testdir()), process.env, () => undefined);
  writeFileSync(join(group, 'cgroup.procs'), String(training.pid));
  await t.rejects(training.finished, { code: 'out_of_memory' });
});
