/*
 * Images a second of the cudnn engine on this machine's GPU, without server, queue or decoding. A call copies the pixels to
 * the card, runs the network and copies the outputs back. Weights are random (`bench/networks`): the speed is the same.
 * Run: `node dist/bench/gpu/engines.bench.js [--seconds 0.5] [--precision float16] [network …]`; beside it, for PyTorch on
 * the same card: `python3 bench/gpu/pytorch.py`
 */
import '../help.js';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { cardOf, openCudaAddon } from '../../native/cuda/index.js';
import { openAddon } from '../../native/index.js';
import { CudnnEngine } from '../../src/models/engines/cudnn/cudnn-engine.js';
import { nativePlan } from '../../src/models/engines/native/native-plan.js';
import { stretchedInput } from '../../src/models/repository/image-input.js';
import { FoveaError } from '../../src/platform/errors.js';
import { describeMachine } from '../machine.js';
import { median } from '../median.js';
import { cifar10Plan, mobileNetV2Plan, resNet50Plan } from '../networks/networks.js';

const NETWORKS = { cifar10: cifar10Plan, mobileNetV2: mobileNetV2Plan, resNet50: resNet50Plan };
const BATCH_SIZES = [1, 8, 64, 256];
const MAX_BATCH_SIZE = 256;
const COMPARED_ROWS = 5;
const WARM_UP_CALLS = 5;
const MIN_CALLS = 10;

const settingsSchema = z.object({
  seconds: z.coerce.number().positive(),
  precision: z.enum(['float16', 'bfloat16', 'float32']),
});
const taskSchema = settingsSchema.extend({
  network: z.enum(['cifar10', 'mobileNetV2', 'resNet50']),
  rows: z.int().positive(),
});
type Settings = z.infer<typeof settingsSchema>;
type Network = z.infer<typeof taskSchema>['network'];

function addonOf() {
  const opened = openCudaAddon();
  if ('failure' in opened)
    throw new FoveaError('engine_unavailable', 'native/cuda is not built.', { cause: opened.failure });
  return opened.addon;
}

function prepare(network: Network, precision: Settings['precision']) {
  const plan = NETWORKS[network]();
  const [height = 0, width = 0] = plan.inputShape;
  const input = stretchedInput({ height, width, channels: 3 }, 1 / 127.5, -1);
  const rowBytes = height * width * input.channels;
  const pixels = new Uint8Array(MAX_BATCH_SIZE * rowBytes);
  for (let index = 0; index < pixels.length; index++)
    pixels[index] = Math.imul(index ^ (index >>> 9), 2_654_435_761) >>> 24;
  const native = nativePlan({ plan, input, precision });
  return { plan, input, pixels, native };
}

/** Median time of a call, in milliseconds. */
function timeCalls(
  engine: CudnnEngine,
  pixels: Uint8Array,
  outputs: Float32Array,
  rows: number,
  seconds: number,
) {
  for (let call = 0; call < WARM_UP_CALLS; call++) engine.run(pixels, rows, outputs);
  const times: number[] = [];
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end || times.length < MIN_CALLS) {
    const start = performance.now();
    engine.run(pixels, rows, outputs);
    times.push(performance.now() - start);
  }
  return median(times);
}

/** Largest difference of an output to oneDNN in float32. */
function differenceToCpu(engine: CudnnEngine, { plan, input, pixels }: ReturnType<typeof prepare>): number {
  const opened = openAddon();
  if ('failure' in opened) return Number.NaN;
  const length = COMPARED_ROWS * plan.classes;
  const [expected, outputs] = [new Float32Array(length), new Float32Array(length)];
  const onCpu = nativePlan({ plan, input, precision: 'float32' });
  const instance = new opened.addon.NativeInstance('gpu bench', onCpu, COMPARED_ROWS, 1, 1);
  instance.predict(pixels, COMPARED_ROWS, expected);
  instance.dispose();
  engine.run(pixels, COMPARED_ROWS, outputs);
  return outputs.reduce(
    (worst, value, index) => Math.max(worst, Math.abs(value - (expected[index] ?? 0))),
    0,
  );
}

/** Images per second of two threads with an instance each, so that computing and copying overlap. */
async function rateOfTwo(task: z.infer<typeof taskSchema>): Promise<number> {
  const rates = await Promise.all(
    [1, 2].map(async () => {
      const worker = new Worker(new URL(import.meta.url), { workerData: task });
      const [rate] = z.tuple([z.number()]).parse(await once(worker, 'message'));
      return rate;
    }),
  );
  return rates.reduce((sum, rate) => sum + rate, 0);
}

async function measure(network: Network, { seconds, precision }: Settings): Promise<void> {
  const prepared = prepare(network, precision);
  const start = performance.now();
  const engine = new CudnnEngine({
    addon: addonOf(),
    plan: prepared.native,
    outputKind: 'probabilities',
    precision,
    maxBatchSize: MAX_BATCH_SIZE,
  });
  const loadSeconds = (performance.now() - start) / 1000;
  const difference = differenceToCpu(engine, prepared);
  const outputs = new Float32Array(MAX_BATCH_SIZE * prepared.plan.classes);
  const rows = [];
  for (const size of BATCH_SIZES) {
    const milliseconds = timeCalls(engine, prepared.pixels, outputs, size, seconds);
    const kernels = engine.profile(size).reduce((sum, [, microseconds]) => sum + microseconds, 0) / 1000;
    const two = await rateOfTwo({ network, precision, seconds, rows: size });
    rows.push({
      batch: size,
      'ms a call': milliseconds.toFixed(3),
      'images/s': Math.round((1000 * size) / milliseconds),
      'images/s, two instances': Math.round(two),
      'kernels alone, ms': kernels.toFixed(3),
    });
  }
  engine.dispose();
  console.log(
    `\n${network}, ${precision}: loaded in ${loadSeconds.toFixed(1)} s, differs from oneDNN by at most ${difference.toExponential(1)}`,
  );
  console.table(rows);
}

if (isMainThread) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '0.5' },
      precision: { type: 'string', default: 'float16' },
    },
  });
  const networks = z
    .array(taskSchema.shape.network)
    .parse(positionals.length > 0 ? positionals : Object.keys(NETWORKS));
  const { name } = cardOf(addonOf());
  console.log(`${describeMachine()}\n${name}`);
  for (const network of networks) await measure(network, settingsSchema.parse(values));
} else {
  const { network, precision, rows, seconds } = taskSchema.parse(workerData);
  const { pixels, native, plan } = prepare(network, precision);
  const engine = new CudnnEngine({
    addon: addonOf(),
    plan: native,
    outputKind: 'probabilities',
    precision,
    maxBatchSize: MAX_BATCH_SIZE,
  });
  const outputs = new Float32Array(rows * plan.classes);
  // Long enough that the other thread runs meanwhile.
  const milliseconds = timeCalls(engine, pixels, outputs, rows, 2 * seconds);
  engine.dispose();
  parentPort?.postMessage((1000 * rows) / milliseconds);
}
