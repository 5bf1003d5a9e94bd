import { writeFileSync } from 'node:fs';
import { fit } from '../src/learning/training/fit.js';
import { setUpTensorflow } from '../src/learning/training/set-up-tensorflow.js';
import { type TrainingEvent, trainingRequestSchema } from '../src/learning/training/training.js';
import { preloadTensorflow } from '../src/models/engines/tensorflow/preload.js';
import { doOneTask } from '../src/platform/child/child-side.js';
import { FoveaError } from '../src/platform/errors.js';

/*
 * The training process. A crash or a lack of memory in training does not affect serving. The process ends with the server,
 * because the next server resumes the training from its checkpoint, and two must not run.
 */

/** Installs TensorFlow before the first training on this machine. */
async function setUp(report: (event: TrainingEvent) => void, serverGone: AbortSignal): Promise<void> {
  const interruption = new AbortController();
  const end = (): never => {
    interruption.abort();
    process.exit(1);
  };
  // The handler is removed before training, because native code then blocks the event loop and a handler would not run.
  process.once('SIGTERM', end);
  const signal = AbortSignal.any([interruption.signal, serverGone]);
  await setUpTensorflow((step) => report({ type: 'setting_up', step }), signal);
  process.off('SIGTERM', end);
  const failure = preloadTensorflow();
  if (failure !== null)
    throw new FoveaError('engine_unavailable', 'TensorFlow was installed but cannot be loaded.', {
      cause: new Error(failure),
    });
}

// When memory runs out, the kernel must kill this process and not the server.
try {
  writeFileSync('/proc/self/oom_score_adj', '1000');
} catch {
  // Not every kernel has this file; training works without it.
}

doOneTask<TrainingEvent>(async (message, report, serverGone) => {
  await fit(trainingRequestSchema.parse(message), {
    report,
    prepareTensorflow: async () => {
      if (preloadTensorflow() !== null) await setUp(report, serverGone);
    },
  });
});
