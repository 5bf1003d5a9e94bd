import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, threadId, workerData } from 'node:worker_threads';
import { inTurn } from '../../src/serving/instances/loading-turn.js';
import {
  type InstanceMessage,
  parseInstanceSettings,
  parseInstanceTask,
} from '../../src/serving/instances/messages.js';
import { openSlab } from '../../src/serving/instances/slab.js';
import { ORDERS } from './instance-orders.js';

const settings = parseInstanceSettings(workerData);

/**
 * A pool worker without a model that obeys the first pixel of a batch. A file `cannot-start` in the version's folder
 * makes its start fail; with a file `ends-while-it-loads` the next instance exits in its loading turn.
 */
export default start();

async function start(): Promise<(task: unknown) => InstanceMessage> {
  if (existsSync(join(settings.version.directory, 'cannot-start'))) {
    send(failed('engine_unavailable'));
    throw new Error('cannot start');
  }
  await inTurn(settings.loadingTurn, async () => {
    const order = join(settings.version.directory, 'ends-while-it-loads');
    if (!existsSync(order)) return;
    rmSync(order);
    process.exit(1);
  });
  send({
    kind: 'ready',
    engine: 'wasm',
    device: 'cpu',
    precision: 'float32',
    inputTypes: ['uint8'],
    saturationRows: 1,
    passedOver: [],
  });
  return (message) => {
    const { slab: buffer, rows } = parseInstanceTask(message);
    const slab = openSlab(settings.slab, 'uint8', buffer);
    Atomics.store(slab.runner, 0, threadId);
    const order = slab.input[0];
    if (order === ORDERS.dieOnce || order === ORDERS.hangOnce) slab.input[0] = ORDERS.answer;
    if (order === ORDERS.dieOnce || order === ORDERS.die) process.exit(1);
    if (order === ORDERS.hangOnce) for (;;) Math.random();
    if (order === ORDERS.fail) return failed('engine_failed');
    slab.probabilities.fill(threadId, 0, rows * settings.slab.classes);
    return { kind: 'ran', rows, decodeMs: 0, inferenceMs: 1 };
  };
}

function failed(code: 'engine_failed' | 'engine_unavailable'): InstanceMessage {
  return { kind: 'failed', error: { code, message: 'as ordered', details: {} }, report: 'as ordered' };
}

function send(message: InstanceMessage): void {
  parentPort?.postMessage(message);
}
