import { Worker } from 'node:worker_threads';
import { FoveaError } from '../../../platform/errors.js';
import { withoutLoaders } from '../../../platform/thread-options.js';
import type { Measurements } from './measure.js';
import { type MeasuringTask, measuringMessageSchema } from './measuring-task.js';

const PRECISION_WORKER = new URL('../../../../workers/precision.js', import.meta.url);

/** `measurePrecisions` in a thread of its own.
 * @throws FoveaError */
export function measureInThread(task: MeasuringTask): Promise<Measurements> {
  const worker = new Worker(PRECISION_WORKER, { ...withoutLoaders(), workerData: task });
  return new Promise((resolve, reject) => {
    worker.once('message', (message: unknown) => {
      const parsed = measuringMessageSchema.parse(message);
      if ('measured' in parsed) resolve(parsed.measured);
      else reject(new FoveaError(parsed.failure.code, parsed.failure.message));
    });
    worker.once('error', reject);
    worker.once('exit', (code) =>
      reject(new Error(`The measuring of the precisions ended with code ${code}.`)),
    );
  });
}
