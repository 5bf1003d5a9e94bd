import { writeFileSync } from 'node:fs';
import { setUpTensorflow } from '../src/learning/training/set-up-tensorflow.js';
import { type TrainingEvent, trainingRequestSchema } from '../src/learning/training/training.js';
import { FoveaError } from '../src/platform/errors.js';
import { preloadTensorflow } from '../src/serving/instances/preload.js';

/*
 * The training process: gets one request from its parent, reports events, and exits. A process of its own, so that
 * running out of memory or crashing in training never touches serving.
 */

function send(event: TrainingEvent): Promise<void> {
  return new Promise((resolve) => {
    // A parent that is gone hears nothing.
    if (process.connected && process.send !== undefined) process.send(event, () => resolve());
    else resolve();
  });
}

async function run(message: unknown): Promise<void> {
  try {
    const request = trainingRequestSchema.parse(message);
    if (preloadTensorflow() !== null) await setUp();
    // Loaded late: without libtensorflow this very import fails.
    const { fit } = await import('../src/learning/training/fit.js');
    // A server that is gone will resume this training from its checkpoint: two must not run.
    const endWithParent = (): never => process.exit(1);
    process.once('disconnect', endWithParent);
    let sent = Promise.resolve();
    await fit(request, (event) => {
      sent = send(event);
    });
    await sent;
    process.off('disconnect', endWithParent);
    process.exitCode = 0;
  } catch (error) {
    const known = FoveaError.from(error);
    if (known.cause !== undefined)
      console.error(known.code === 'internal' ? known.cause : String(known.cause));
    await send({ type: 'failed', error: known.toWire() });
    process.exitCode = 1;
  }
  if (process.connected) process.disconnect();
}

/** The first training on a machine that only predicted so far. */
async function setUp(): Promise<void> {
  const interruption = new AbortController();
  const end = (): never => {
    interruption.abort();
    process.exit(1);
  };
  process.once('SIGTERM', end).once('disconnect', end);
  await setUpTensorflow((step) => void send({ type: 'setting_up', step }), interruption.signal);
  process.off('SIGTERM', end).off('disconnect', end);
  const failure = preloadTensorflow();
  if (failure !== null)
    throw new FoveaError('engine_unavailable', 'TensorFlow was set up, and still cannot be loaded.', {
      cause: new Error(failure),
    });
}

// Where memory runs out all the same, the kernel is to end this process and not the server.
try {
  writeFileSync('/proc/self/oom_score_adj', '1000');
} catch {
  // Not every kernel has it, and training does without.
}
process.once('message', (message) => void run(message));
