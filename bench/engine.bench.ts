/*
 * Images a second by engine, precision and batch size, without server, queue or decoding: each engine in fresh processes, in
 * alternating order, on the network that the project ships (untrained: the speed is the same). Then how far each is from
 * the processor's peak, which is measured: what oneDNN reaches in the same precision on large convolutions.
 * Run: `node dist/bench/engine.bench.js [--seconds 1] [--rounds 2] [--threads <cores>] [engine[:precision] …]`
 */
import './help.js';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import { CALIBRATION_FILE } from '../src/models/engines/calibration.js';
import { PRECISIONS } from '../src/models/engines/engine.js';
import { calibrate } from '../src/models/engines/native/native-calibrator.js';
import { prepareProcess } from '../src/models/engines/prepare-process.js';
import { ENGINE_NAMES, type EngineChoice } from '../src/models/engines/providers.js';
import { loadEngine } from '../src/models/engines/select.js';
import { openModel } from '../src/models/formats/open-model.js';
import { inferencePlan } from '../src/models/plan/inference.js';
import type { ModelVersion } from '../src/models/repository/model-version.js';
import { FoveaError } from '../src/platform/errors.js';
import { cifar10Cnn, largeConvolutions } from '../tests/support/architectures.js';
import { writeModelVersion } from '../tests/support/model-version.js';
import { describeMachine } from './machine.js';
import { multiplyAddsOf } from './multiply-adds.js';

const VARIANTS = ['tensorflow', 'native:float32', 'native:bfloat16', 'native:int8', 'wasm'];
const BATCH_SIZES = [1, 2, 4, 8, 16, 32, 64, 128];
const MAX_BATCH_SIZE = 128;
/** Convolutions with high arithmetic intensity: 5 × 5 over 256 channels. */
const PEAK_NETWORK = { channels: 256, convolutions: 4, batchSize: 16 };
const WARM_UP_SHARE = 0.2;
const MIN_BATCHES = 3;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '2' },
    threads: { type: 'string', default: String(availableParallelism()) },
    /** Set in measuring child processes: `engine:precision`. */
    measure: { type: 'string' },
    network: { type: 'string', default: 'cifar10' },
  },
});
const settings = z
  .object({
    seconds: z.coerce.number().positive(),
    rounds: z.coerce.number().int().positive(),
    threads: z.coerce.number().int().positive(),
    measure: z
      .templateLiteral([z.enum(ENGINE_NAMES), ':', z.enum(['auto', ...PRECISIONS])])
      .transform((variant) => variant.split(':'))
      .pipe(z.tuple([z.enum(ENGINE_NAMES), z.enum(['auto', ...PRECISIONS])]))
      .transform(([engine, precision]) => ({ engine, precision, device: 'auto' as const }))
      .optional(),
    network: z.enum(['cifar10', 'peak']),
  })
  .parse(values);

const measurement = z.object({
  engine: z.string(),
  device: z.string(),
  precision: z.string(),
  multiplyAdds: z.number(),
  /** By batch size. */
  batchMs: z.record(z.string(), z.array(z.number())),
});
type Measurement = z.infer<typeof measurement>;

async function measure(choice: EngineChoice): Promise<Measurement | { unavailable: string }> {
  const { threads, seconds } = settings;
  prepareProcess(choice, threads);
  const folder = await mkdtemp(join(tmpdir(), 'fovea-bench-'));
  try {
    const version = await writeModelVersion(
      folder,
      settings.network === 'peak' ? largeConvolutions(PEAK_NETWORK) : cifar10Cnn(),
    );
    if (choice.precision === 'int8') await calibrateOn(version, testPixels());
    return await runAllSizes(version, choice, seconds * 1000);
  } catch (error) {
    if (error instanceof FoveaError && error.code === 'engine_unavailable')
      return { unavailable: error.message };
    throw error;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function testPixels(): Uint8Array {
  return Uint8Array.from({ length: MAX_BATCH_SIZE * 3072 }, (_, index) => (index * 31) % 256);
}

async function calibrateOn(version: ModelVersion, pixels: Uint8Array): Promise<void> {
  const source = await openModel(version);
  const calibration = calibrate(await source.plan(), version.manifest.input, [pixels.subarray(0, 3072)]);
  await writeFile(join(version.directory, CALIBRATION_FILE), JSON.stringify(calibration));
}

async function runAllSizes(
  version: ModelVersion,
  choice: EngineChoice,
  durationMs: number,
): Promise<Measurement> {
  const options = { maxBatchSize: MAX_BATCH_SIZE, threads: settings.threads, golden: [] };
  const { engine } = await loadEngine(version, choice, options);
  engine.warmUp();
  const pixels = testPixels();
  const probabilities = new Float32Array(MAX_BATCH_SIZE * version.manifest.labels.length);
  const batchMs: Measurement['batchMs'] = {};
  for (const rows of settings.network === 'peak' ? [PEAK_NETWORK.batchSize] : BATCH_SIZES) {
    const times: number[] = [];
    const startedMs = performance.now();
    let nowMs = startedMs;
    while (nowMs < startedMs + durationMs || times.length < MIN_BATCHES) {
      engine.run(pixels, rows, probabilities);
      const endedMs = performance.now();
      if (nowMs > startedMs + durationMs * WARM_UP_SHARE) times.push(endedMs - nowMs);
      nowMs = endedMs;
    }
    batchMs[rows] = times;
  }
  const { name, device, precision } = engine;
  return { engine: name, device, precision, multiplyAdds: await countMultiplyAdds(version), batchMs };
}

async function countMultiplyAdds(version: ModelVersion): Promise<number> {
  const compiled = await (await openModel(version)).plan();
  if ('unsupported' in compiled) throw new Error(`No plan has ${compiled.unsupported.layer}. This is a bug.`);
  return multiplyAddsOf(inferencePlan(compiled.plan));
}

async function measureInFreshProcess(
  name: string,
  network: 'cifar10' | 'peak' = 'cifar10',
): Promise<Measurement | { unavailable: string }> {
  const { seconds, threads } = values;
  const script = fileURLToPath(import.meta.url);
  const flags = [
    '--measure',
    name.includes(':') ? name : `${name}:auto`,
    '--seconds',
    seconds,
    '--threads',
    threads,
    '--network',
    network,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...flags], { maxBuffer: 2 ** 28 });
  const lastLine = stdout.trim().split('\n').at(-1) ?? '';
  return z.union([measurement, z.object({ unavailable: z.string() })]).parse(JSON.parse(lastLine));
}

/** Rounds alternate the order of the engines, so that a slow change of the machine affects all equally. */
async function compare(names: readonly string[]): Promise<void> {
  console.log(
    `${describeMachine()}, ${settings.threads} threads, ${settings.rounds} × ${settings.seconds} s a size`,
  );
  const byEngine = new Map<string, Measurement[]>();
  for (let round = 0; round < settings.rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const result = await measureInFreshProcess(name);
      if ('unavailable' in result) console.log(`${name}: ${result.unavailable}`);
      else byEngine.set(name, [...(byEngine.get(name) ?? []), result]);
    }
  }
  console.log(`\nimages/s (median batch) | ${BATCH_SIZES.join(' | ')}`);
  for (const runs of byEngine.values()) {
    const [first] = runs;
    const title = `${first?.engine} on ${first?.device}, ${first?.precision}`;
    const rates = BATCH_SIZES.map((rows) => Math.round(rateOf(runs, rows)));
    console.log(`${title} | ${rates.join(' | ')}`);
  }
  await compareWithPeak([...byEngine.values()]);
}

/** Images per second at the median batch time. */
function rateOf(runs: readonly Measurement[], rows: number): number {
  const times = runs.flatMap((run) => run.batchMs[rows] ?? []).sort((a, b) => a - b);
  return (rows * 1000) / (times[Math.floor(times.length / 2)] ?? Number.NaN);
}

/** Billions of operations (float or integer) per second; two per multiply-add. */
function gigaflopsOf(runs: readonly Measurement[], rows: number): number {
  return (2 * (runs[0]?.multiplyAdds ?? Number.NaN) * rateOf(runs, rows)) / 1e9;
}

async function compareWithPeak(engines: readonly Measurement[][]): Promise<void> {
  const { channels, convolutions, batchSize } = PEAK_NETWORK;
  const mega = ((engines[0]?.[0]?.multiplyAdds ?? Number.NaN) / 1e6).toFixed(1);
  console.log(
    `\nOne image takes ${mega} million multiply-adds. Winograd's algorithm does with fewer. Peak: oneDNN on ${convolutions} convolutions of 5 × 5 over ${channels} channels, batch ${batchSize}.`,
  );
  console.log('engine | GFLOP/s at batch 1 | best | at batch | peak | share of peak');
  const peaks = new Map<string, number>();
  for (const runs of engines) {
    const { engine = '', device = '', precision = '' } = runs[0] ?? {};
    if (!peaks.has(precision)) peaks.set(precision, await measurePeak(precision));
    const peak = peaks.get(precision) ?? Number.NaN;
    const best = BATCH_SIZES.reduce((a, b) => (gigaflopsOf(runs, b) > gigaflopsOf(runs, a) ? b : a));
    const figures = [gigaflopsOf(runs, 1), gigaflopsOf(runs, best), best, peak].map((figure) =>
      figure.toFixed(0),
    );
    const share = `${((100 * gigaflopsOf(runs, best)) / peak).toFixed(0)} %`;
    console.log(`${engine} on ${device}, ${precision} | ${figures.join(' | ')} | ${share}`);
  }
}

/** The best round, because other load on the machine only lowers a peak. */
async function measurePeak(precision: string): Promise<number> {
  let peak = Number.NaN;
  for (let round = 0; round < settings.rounds; round++) {
    const result = await measureInFreshProcess(`native:${precision}`, 'peak');
    if ('unavailable' in result) continue;
    const figure = gigaflopsOf([result], PEAK_NETWORK.batchSize);
    if (!(figure <= peak)) peak = figure;
  }
  return peak;
}

if (settings.measure === undefined) await compare(positionals.length > 0 ? positionals : VARIANTS);
else console.log(JSON.stringify(await measure(settings.measure)));
