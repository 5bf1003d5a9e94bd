import { inspect } from 'node:util';
import { parentPort, threadId, workerData } from 'node:worker_threads';
import type { Engine } from '../src/models/engines/engine.js';
import { loadTrunk } from '../src/models/engines/native/load-trunk.js';
import { loadEngine } from '../src/models/engines/select.js';
import { FoveaError } from '../src/platform/errors.js';
import { releaseMemory } from '../src/platform/spare-memory.js';
import { decodeFiles } from '../src/serving/instances/decode-files.js';
import { inTurn } from '../src/serving/instances/loading-turn.js';
import {
  type InstanceMessage,
  parseInstanceSettings,
  parseInstanceTask,
} from '../src/serving/instances/messages.js';
import { openSlab } from '../src/serving/instances/slab.js';

type Settings = ReturnType<typeof parseInstanceSettings>;

/** One instance of a model, in a thread of the pool. Piscina awaits this promise and calls the function with each task. */
export default start();

async function start(): Promise<(task: unknown) => InstanceMessage> {
  try {
    const settings = parseInstanceSettings(workerData);
    const { name, engine, passedOver } = await inTurn(settings.loadingTurn, async () => {
      const loaded = await load(settings);
      releaseMemory();
      return loaded;
    });
    engine.warmUp();
    const { device, precision, saturationRows } = engine;
    const inputTypes = [...engine.inputTypes];
    send({
      kind: 'ready',
      engine: name,
      device,
      precision,
      inputTypes,
      saturationRows,
      passedOver: [...passedOver],
    });
    return (task) => runBatch(engine, settings, task);
  } catch (error) {
    send(failure(error));
    throw error;
  }
}

async function load(settings: Settings) {
  const { version, slab, threads, threadsAlone, calibrationsDir, golden, decided } = settings;
  const sizes = { maxBatchSize: slab.capacity, threads, threadsAlone };
  return settings.isTrunk
    ? loadTrunk(version, { ...sizes, precision: decided?.precision ?? 'float32' })
    : loadEngine(version, settings, { ...sizes, calibrationsDir, golden, decided });
}

function runBatch(engine: Engine, settings: Settings, message: unknown): InstanceMessage {
  try {
    const task = parseInstanceTask(message);
    const slab = openSlab(settings.slab, task.type, task.slab);
    Atomics.store(slab.runner, 0, threadId);
    const startedMs = performance.now();
    decodeFiles(slab, task.rows, settings.version.manifest.input);
    const decodedMs = performance.now();
    engine.run(slab.input, task.rows, slab.probabilities);
    const ranMs = performance.now();
    return { kind: 'ran', rows: task.rows, decodeMs: decodedMs - startedMs, inferenceMs: ranMs - decodedMs };
  } catch (error) {
    return failure(error);
  }
}

function failure(error: unknown): InstanceMessage {
  const { code, message, details } = FoveaError.from(error).toWire();
  return { kind: 'failed', error: { code, message, details }, report: inspect(error) };
}

function send(message: InstanceMessage): void {
  parentPort?.postMessage(message);
}
