import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  type Chart,
  type ChartTask,
  type DrawnChart,
  drawnChartSchema,
} from '../../../../src/insight/charts/chart.js';
import { ChartProcess } from '../../../../src/insight/charts/chart-process.js';
import { catalogueEventSchema } from '../../../../src/learning/catalogue/catalogue-schema.js';
import { startEvaluation } from '../../../../src/learning/evaluation/evaluation-process.js';
import { evaluationTaskSchema } from '../../../../src/learning/evaluation/evaluation-task.js';
import { trainingRequestSchema, trainingSettingsSchema } from '../../../../src/learning/training/training.js';
import { startTraining } from '../../../../src/learning/training/training-process.js';
import { readManifest } from '../../../../src/models/repository/open-version.js';
import { type ChildLine, readChildOutput } from '../../../../src/platform/child/child-output.js';
import { type ChildOptions, SupervisedChild } from '../../../../src/platform/child/supervised-child.js';
import { TaskQueue } from '../../../../src/platform/child/task-queue.js';

const CHART: Chart = {
  kind: 'confusion_matrix',
  subtitle: 'of a test',
  labels: ['a', 'b'],
  counts: [
    [1, 0],
    [0, 1],
  ],
};

/** The chart process, which takes any number of tasks. */
function startChild(changes: Partial<ChildOptions<DrawnChart>> = {}): SupervisedChild<ChartTask, DrawnChart> {
  return new SupervisedChild({
    entryPoint: 'charts',
    env: process.env,
    serialization: 'advanced',
    events: drawnChartSchema,
    onEvent: () => undefined,
    ...changes,
  });
}

/** Until the test ends, no child process can be started. */
function breakFork(t: Test): void {
  const { execPath } = process;
  process.execPath = '/does/not/exist';
  t.teardown(() => {
    process.execPath = execPath;
  });
}

t.test('a fork that fails by an event, or by throwing, settles `ended`', async (t) => {
  const absent = startChild({ execPath: '/does/not/exist' });
  absent.send({ id: 1, chart: CHART });
  t.match(await absent.ended, { exitCode: null, signal: null, problem: { code: 'ENOENT' } });
  t.equal(absent.pid, undefined);
  // Longer than the kernel lets arguments be.
  const refused = startChild({ execArgv: ['-'.repeat(3_000_000)] });
  refused.send({ id: 1, chart: CHART });
  t.match(await refused.ended, { problem: { code: 'E2BIG' } });
  refused.kill();
  refused.letGo();
});

t.test('each kind of child process reports a failed fork as an error of its own', async (t) => {
  breakFork(t);
  const folder = t.testdir();
  const catalogue = new TaskQueue({
    entryPoint: 'catalogue',
    env: process.env,
    events: catalogueEventSchema,
    failure: 'catalogue_failed',
    cancelledMessage: '',
  });
  await t.rejects(catalogue.run({ do: 'clean', folder }), { code: 'catalogue_failed', message: /ENOENT/ });
  await catalogue.close();

  const directory = join('models', 'cifar10-cnn', '1');
  const manifest = await readManifest(directory);
  const evaluation = startEvaluation(
    evaluationTaskSchema.parse({
      version: { model: manifest.model, version: manifest.version, directory, manifest },
      places: { configured: folder, cache_dir: folder, state_dir: folder },
      engine: 'auto',
      device: 'auto',
      precision: 'auto',
      data: 'configured',
      max_batch_size: 1,
      max_input_pixels: 1,
      auto_precision: { ratesDir: folder, calibrationsDir: folder, maxInt8LossPoints: 0, threads: 1 },
    }),
    process.env,
    () => undefined,
  );
  await t.rejects(evaluation.finished, { code: 'evaluation_failed', message: /ENOENT/ });

  const training = startTraining(
    trainingRequestSchema.parse({
      model: 'tiny',
      data: folder,
      data_note: null,
      labels: null,
      input: { height: 32, width: 32, channels: 3 },
      base_directory: null,
      models_dir: folder,
      checkpoint_dir: folder,
      cache_dir: folder,
      resume: false,
      command: '',
      settings: trainingSettingsSchema.parse({}),
    }),
    process.env,
    () => undefined,
  );
  await t.rejects(training.finished, { code: 'training_failed', message: /ENOENT/ });
  t.equal(training.memoryBytes(), undefined);

  const charts = new ChartProcess({ directory: folder, env: process.env });
  await t.rejects(charts.draw(CHART), /ENOENT/);
  await charts.close();
});

t.test('a message that is no event, and an event that cannot be taken, end the child', async (t) => {
  for (const onEvent of [undefined, () => t.fail('the event was taken')]) {
    const child = startChild({
      onEvent: () => {
        throw new Error('not taken');
      },
      ...(onEvent && { events: drawnChartSchema.refine(() => false, 'never'), onEvent }),
    });
    child.send({ id: 1, chart: CHART });
    const { signal, problem } = await child.ended;
    t.equal(signal, 'SIGKILL');
    t.match(problem?.message, onEvent ? /never/ : 'not taken');
  }
});

t.test('a child that ignores SIGTERM is ended by SIGKILL after the limit', async (t) => {
  const child = await new Promise<ReturnType<typeof startChild>>((resolve) => {
    const started = startChild({
      execArgv: ['--import', 'data:text/javascript,process.on("SIGTERM",()=>{})'],
      killLimitMs: 100,
      onEvent: () => resolve(started),
    });
    // Its first answer says that the handler is in place.
    started.send({ id: 1, chart: CHART });
  });
  child.kill();
  child.kill();
  t.match(await child.ended, { exitCode: null, signal: 'SIGKILL', problem: undefined });
});

t.test('a child that is let go ends by itself', async (t) => {
  const child = startChild();
  child.letGo();
  t.match(await child.ended, { exitCode: 0, signal: null, problem: undefined });
  child.send({ id: 1, chart: CHART });
});

t.test('what a child writes is read line by line, with control characters escaped', async (t) => {
  const lines: ChildLine[] = [];
  t.teardown(readChildOutput((line) => lines.push(line)));
  const script = 'console.log("cat\\n{\\"forged\\":1}"); console.error("\\u001b[2J" + "x".repeat(5000))';
  const child = startChild({ execArgv: [`--import=data:text/javascript,${encodeURIComponent(script)}`] });
  child.letGo();
  await child.ended;
  while (lines.length < 3) await new Promise((resolve) => setImmediate(resolve));
  t.same(
    lines.map(({ child: name }) => name),
    ['charts', 'charts', 'charts'],
  );
  const texts = lines.map(({ line }) => line);
  t.same(
    texts.filter((line) => !line.includes('x')),
    ['cat', '{"forged":1}'],
  );
  t.match(
    texts.find((line) => line.includes('x')),
    /^\\u001b\[2Jx{1996}$/,
  );
});
