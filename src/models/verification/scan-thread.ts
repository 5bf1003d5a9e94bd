import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { withoutLoaders } from '../../platform/thread-options.js';
import { wireErrorSchema } from '../../platform/wire-error.js';
import type { ModelsDirs } from '../repository/find-versions.js';
import type { Scan } from './scan.js';

const SCAN_WORKER = new URL('../../../workers/scan.js', import.meta.url);

const scanSchema = z.object({
  versions: z.array(z.object({ model: z.string(), version: z.int(), problem: z.string().nullable() })),
  ignored: z.array(z.object({ path: z.string(), reason: z.string() })),
});

/** The message of `workers/scan.ts`. */
export const scanMessageSchema = z.union([
  z.object({ scan: scanSchema }),
  z.object({ failure: wireErrorSchema }),
]);

/** `scanRepository` in a thread of its own, because it reads all weights and must not hold the event loop.
 * @throws FoveaError `model_invalid` when the repository cannot be read */
export function scanInThread(modelsDirs: ModelsDirs): Promise<Scan> {
  const worker = new Worker(SCAN_WORKER, { ...withoutLoaders(), workerData: [modelsDirs].flat() });
  return new Promise((resolve, reject) => {
    worker.once('message', (message: unknown) => {
      const parsed = scanMessageSchema.parse(message);
      if ('scan' in parsed) resolve(parsed.scan);
      else reject(new FoveaError(parsed.failure.code, parsed.failure.message));
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`The scan of the repository ended with code ${code}.`)));
  });
}
