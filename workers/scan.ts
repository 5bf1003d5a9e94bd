import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { scanRepository } from '../src/models/verification/scan.js';
import type { scanMessageSchema } from '../src/models/verification/scan-thread.js';
import { FoveaError } from '../src/platform/errors.js';

/* The scan thread verifies every version of the repositories in `workerData`, sends one message, and ends. */

async function scan(): Promise<z.infer<typeof scanMessageSchema>> {
  try {
    const { versions, ignored } = await scanRepository(z.array(z.string()).parse(workerData));
    return { scan: { versions: [...versions], ignored: [...ignored] } };
  } catch (error) {
    return { failure: { ...FoveaError.from(error).toWire() } };
  }
}

parentPort?.postMessage(await scan());
