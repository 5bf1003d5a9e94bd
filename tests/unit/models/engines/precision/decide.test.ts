import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { nativeProvider } from '../../../../../src/models/engines/native/provider.js';
import { fastestOf } from '../../../../../src/models/engines/precision/choose.js';
import { decideOn, decidePrecision } from '../../../../../src/models/engines/precision/decide.js';
import { type Measurements, measureRates } from '../../../../../src/models/engines/precision/measure.js';
import { measureInThread } from '../../../../../src/models/engines/precision/measure-in-thread.js';
import type { MeasuringTask } from '../../../../../src/models/engines/precision/measuring-task.js';
import type { AutomaticPrecisions } from '../../../../../src/models/engines/provider.js';
import { mobileNet } from '../../../../support/architectures.js';
import { writeModelVersion } from '../../../../support/model-version.js';

const ALL: AutomaticPrecisions = {
  precisions: ['float32', 'bfloat16', 'int8'],
  ruledOut: [],
  executor: 'oneDNN 3, avx512_core_bf16',
};

/** The native engine on a processor with these precisions. */
function onProcessor(automatic: AutomaticPrecisions) {
  return {
    provider: { ...nativeProvider, automaticPrecisions: () => Promise.resolve(automatic) },
    device: 'cpu',
  } as const;
}

/** Rates in images per second; a missing one failed. */
function rig(rates: Readonly<Record<string, number>>) {
  const tasks: MeasuringTask[] = [];
  const measure = (task: MeasuringTask): Promise<Measurements> => {
    tasks.push(task);
    const measured = task.precisions.filter((precision) => precision in rates);
    return Promise.resolve({
      rates: measured.map((precision) => ({ precision, imagesPerSecond: rates[precision] ?? 0 })),
      failures: task.precisions.filter((precision) => !(precision in rates)).map((name) => `${name}: no`),
    });
  };
  return { tasks, measure };
}

function needIn(folder: string) {
  return {
    ratesDir: join(folder, 'precisions'),
    calibrationsDir: join(folder, 'calibrations'),
    maxInt8LossPoints: 0.1,
    threads: 1,
    maxBatchSize: 8,
    golden: [],
  };
}

test('the fastest precision is taken, and the more exact one of two equally fast ones', (t) => {
  const rates = (float32: number, bfloat16: number, int8: number) => [
    { precision: 'float32', imagesPerSecond: float32 } as const,
    { precision: 'bfloat16', imagesPerSecond: bfloat16 } as const,
    { precision: 'int8', imagesPerSecond: int8 } as const,
  ];
  t.equal(fastestOf(rates(3500, 2800, 1000)), 'float32', 'Intel with AVX512-BF16 but without AMX');
  t.equal(fastestOf(rates(3500, 2800, 9000)), 'int8');
  t.equal(fastestOf(rates(2000, 4000, 4100)), 'bfloat16', 'int8 gains less than 5 %');
  t.equal(fastestOf(rates(4000, 4100, 4150)), 'float32');
  t.end();
});

test('what was measured is kept by processor, version, threads and precisions', async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  const need = needIn(t.testdirName);
  const { tasks, measure } = rig({ float32: 100, bfloat16: 80, int8: 300 });
  const first = await decideOn(onProcessor(ALL), version, need, measure);
  t.match(first, { engine: 'native', precision: 'int8', rates: [{}, {}, { imagesPerSecond: 300 }] });
  t.same(await decideOn(onProcessor(ALL), version, need, measure), first);
  t.equal(tasks.length, 1, 'the second start measures nothing');

  await decideOn(onProcessor(ALL), version, { ...need, threads: 2 }, measure);
  await decideOn(onProcessor({ ...ALL, executor: 'oneDNN 4' }), version, need, measure);
  const fewer = { ...ALL, precisions: ['float32', 'bfloat16'], ruledOut: ['int8: loses'] } as const;
  t.match(await decideOn(onProcessor(fewer), version, need, measure), {
    precision: 'float32',
    ruledOut: ['int8: loses'],
  });
  t.equal(tasks.length, 4);
  t.equal((await readdir(need.ratesDir)).length, 4);
});

test('a precision that fails is named, and the others are compared', async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  const need = needIn(t.testdirName);
  const { measure } = rig({ float32: 100, int8: 50 });
  t.match(await decideOn(onProcessor(ALL), version, need, measure), {
    precision: 'float32',
    ruledOut: ['bfloat16: no'],
  });
  const none = rig({});
  const other = { ...need, threads: 3 };
  t.match(await decideOn(onProcessor(ALL), version, other, none.measure), {
    precision: 'float32',
    rates: [],
  });
  await decideOn(onProcessor(ALL), version, other, none.measure);
  t.equal(none.tasks.length, 2, 'what failed is tried again');
});

test('one precision is not measured; a state directory that cannot be written fails no start', async (t) => {
  const version = await writeModelVersion(t.testdir({ file: '' }), mobileNet());
  const need = needIn(t.testdirName);
  const { tasks, measure } = rig({ float32: 1, bfloat16: 2, int8: 3 });
  const only = { precisions: ['float32'], ruledOut: ['bfloat16: no instructions'], executor: '' } as const;
  t.match(await decideOn(onProcessor(only), version, need, measure), {
    precision: 'float32',
    rates: [],
    ruledOut: only.ruledOut,
  });
  t.equal(tasks.length, 0);
  const unwritable = { ...need, ratesDir: join(t.testdirName, 'file') };
  t.match(await decideOn(onProcessor(ALL), version, unwritable, measure), {
    precision: 'int8',
    ruledOut: [/FOVEA_STATE_DIR cannot be written/],
  });
});

test('contenders run by turns, the fastest batch counts, and the time is bounded', (t) => {
  let nowMs = 0;
  const order: string[] = [];
  const contender = (precision: 'float32' | 'int8', durations: readonly number[]) => {
    let runs = 0;
    const run = () => {
      order.push(precision);
      nowMs += durations[Math.min(runs++, durations.length - 1)] ?? 0;
    };
    return { precision, rows: 8, run };
  };
  const rates = measureRates(
    [contender('float32', [900, 400, 80, 200]), contender('int8', [5000, 300, 40, 100])],
    () => nowMs,
  );
  t.same(rates, [
    { precision: 'float32', imagesPerSecond: 100 },
    { precision: 'int8', imagesPerSecond: 200 },
  ]);
  t.same(order.slice(0, 4), ['float32', 'int8', 'float32', 'int8']);
  t.equal(order.length, 8, 'a warm-up, then rounds of 700, 120 and 300 ms: a second is over');
  t.end();
});

test('on this processor: what runs is measured, what does not is named', async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  const need = needIn(t.testdirName);
  const choice = { engine: 'native', device: 'cpu' } as const;
  const decision = await decidePrecision(version, choice, need);
  const automatic = await nativeProvider.automaticPrecisions(version, need);
  t.equal(decision?.engine, 'native');
  t.same(
    decision?.rates.map(({ precision }) => precision),
    automatic.precisions.length === 1 ? [] : automatic.precisions,
  );
  t.match(automatic.ruledOut.at(-1), /^int8: /);
  const { maxBatchSize, threads, golden } = need;
  const task = {
    version,
    ...choice,
    precisions: ['float32', 'int8'] as const,
    maxBatchSize,
    threads,
    golden,
  };
  const measured = await measureInThread({ ...task, precisions: [...task.precisions] });
  t.match(measured.rates, [{ precision: 'float32', imagesPerSecond: Number }]);
  t.match(measured.failures, [/^int8: .*(instructions for int8|needs a calibration)/]);
  t.equal(await decidePrecision(version, { ...choice, precision: 'float32' }, need), null);
  t.equal(await decidePrecision(version, { engine: 'wasm', device: 'cpu' }, need), null);
});
