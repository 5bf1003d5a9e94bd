import { z } from 'zod';
import { wireErrorSchema } from '../../../platform/wire-error.js';
import { modelVersionSchema } from '../../repository/model-version.js';
import { DEVICES, PRECISIONS } from '../engine.js';
import { goldenPixelsSchema } from '../golden.js';
import { ENGINE_NAMES } from '../providers.js';

/** `workerData` of `workers/precision.ts`. */
export const measuringTaskSchema = z.object({
  version: modelVersionSchema,
  engine: z.enum(ENGINE_NAMES),
  device: z.enum(DEVICES),
  precisions: z.array(z.enum(PRECISIONS)),
  threads: z.int().positive(),
  maxBatchSize: z.int().positive(),
  calibrationsDir: z.string().optional(),
  golden: z.array(goldenPixelsSchema),
});

export type MeasuringTask = z.infer<typeof measuringTaskSchema>;

export const rateSchema = z.object({ precision: z.enum(PRECISIONS), imagesPerSecond: z.number().positive() });

/** The message of `workers/precision.ts`. */
export const measuringMessageSchema = z.union([
  z.object({ measured: z.object({ rates: z.array(rateSchema), failures: z.array(z.string()) }) }),
  z.object({ failure: wireErrorSchema }),
]);
