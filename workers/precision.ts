import { parentPort, workerData } from 'node:worker_threads';
import type { z } from 'zod';
import { measurePrecisions } from '../src/models/engines/precision/measure.js';
import {
  type measuringMessageSchema,
  measuringTaskSchema,
} from '../src/models/engines/precision/measuring-task.js';
import { FoveaError } from '../src/platform/errors.js';

/* The precision thread measures an engine in the precisions of `workerData`, sends one message, and ends. */

async function measure(): Promise<z.infer<typeof measuringMessageSchema>> {
  try {
    const { rates, failures } = await measurePrecisions(measuringTaskSchema.parse(workerData));
    return { measured: { rates: [...rates], failures: [...failures] } };
  } catch (error) {
    return { failure: { ...FoveaError.from(error).toWire() } };
  }
}

parentPort?.postMessage(await measure());
