import { writeFileSync } from 'node:fs';
import { setUpTensorflow } from '../src/learning/training/set-up-tensorflow.js';
import { type TrainingEvent, trainingRequestSchema } from '../src/learning/training/training.js';
import { preloadTensorflow } from '../src/models/engines/tensorflow/preload.js';
import { doOneTask } from '../src/platform/child/child-side.js';
import { FoveaError } from '../src/platform/errors.js';

/*
 * The training process: running out of memory or crashing in training never touches serving. It ends with the server,
 * because the next server resumes the training from its checkpoint, and two must not run.
 */

/** For the first training on a machine that only predicted so far. */
async function setUp(report: (event: TrainingEvent) => void, serverGone: AbortSignal): Promise<void> {
  const interruption = new AbortController();
  const end = (): never => {
    interruption.abort();
    process.exit(1);
  };
  // Only here: native code of a training holds the event loop, and a handler of SIGTERM would wait for it.
  process.once('SIGTERM', end);
  const signal = AbortSignal.any([interruption.signal, serverGone]);
  await setUpTensorflow((step) => report({ type: 'setting_up', step }), signal);
  process.off('SIGTERM', end);
  const failure = preloadTensorflow();
  if (failure !== null)
    throw new FoveaError('engine_unavailable', 'TensorFlow was set up, and still cannot be loaded.', {
      cause: new Error(failure),
    });
}

// Where memory runs out, the kernel is to end this process and not the server.
try {
  writeFileSync('/proc/self/oom_score_adj', '1000');
} catch {
  // Not every kernel has it, and training does without.
}

doOneTask<TrainingEvent>(async (message, report, serverGone) => {
  const request = trainingRequestSchema.parse(message);
  if (preloadTensorflow() !== null) await setUp(report, serverGone);
  // Loaded late: without libtensorflow this very import fails.
  const { fit } = await import('../src/learning/training/fit.js');
  await fit(request, report);
});
