import { writeFileSync } from 'node:fs';
import { type TrainingEvent, trainingRequestSchema } from '../src/contracts/training.js';
import { FoveaError } from '../src/errors.js';

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
    // Loaded late: without libtensorflow this very import fails, and the parent wants to know why.
    const { fit } = await import('../src/training/fit.js').catch((cause: unknown) => {
      throw new FoveaError(
        'engine_unavailable',
        'Training needs TensorFlow, which could not be loaded: run `npm start` once with pip and a C++ compiler at hand.',
        {
          cause,
        },
      );
    });
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

// Where memory runs out all the same, the kernel is to end this process and not the server.
try {
  writeFileSync('/proc/self/oom_score_adj', '1000');
} catch {
  // Not every kernel has it, and training does without.
}
process.once('message', (message) => void run(message));
