import { z } from 'zod';
import { DEVICES, INPUT_TYPES, PRECISIONS } from '../../models/engines/engine.js';
import { goldenPixelsSchema } from '../../models/engines/golden.js';
import { ENGINE_NAMES } from '../../models/engines/providers.js';
import { modelVersionSchema } from '../../models/repository/model-version.js';
import { wireErrorSchema } from '../../platform/wire-error.js';

/** Messages between the main thread and the inference workers. Pixels and probabilities are on slabs. */

const slabShape = z.object({
  capacity: z.int().positive(),
  rowValues: z.int().positive(),
  classes: z.int().positive(),
});

const instanceSettings = z.object({
  version: modelVersionSchema,
  engine: z.enum(['auto', ...ENGINE_NAMES]),
  device: z.enum(['auto', ...DEVICES]),
  precision: z.enum(['auto', ...PRECISIONS]).default('auto'),
  /** Folder of int8 calibrations that were measured on this machine. */
  calibrationsDir: z.string().optional(),
  /** Threads for one batch. */
  threads: z.int().positive(),
  /** Threads for a batch while no other batch runs; not every engine uses them. */
  threadsAlone: z.int().positive().optional(),
  slab: slabShape,
  /** Whether the instance runs the version's trunk: its answers are features. */
  isTrunk: z.boolean().default(false),
  /** Instances of a pool load one after another (`loading-turn.ts`). */
  loadingTurn: z.instanceof(SharedArrayBuffer),
  /** The golden images of the version. */
  golden: z.array(goldenPixelsSchema).default([]),
  /** What precision `auto` means for an engine. */
  decided: z
    .object({ engine: z.enum(ENGINE_NAMES), precision: z.enum(PRECISIONS) })
    .nullable()
    .default(null),
});

/** `workerData` of an inference worker, less what its pool adds. */
export type InstanceSettings = Omit<z.input<typeof instanceSettings>, 'loadingTurn'>;

const instanceTask = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('run'),
    /** A slab of the shape in the settings and of `type`; owned by the worker until it answers. */
    slab: z.instanceof(SharedArrayBuffer),
    type: z.enum(INPUT_TYPES),
    rows: z.int().positive(),
  }),
]);

/** From the main thread to an instance. */
export type InstanceTask = z.infer<typeof instanceTask>;

const instanceMessage = z.discriminatedUnion('kind', [
  /** Sent once, after loading and warm-up. */
  z.object({
    kind: z.literal('ready'),
    engine: z.enum(ENGINE_NAMES),
    device: z.enum(DEVICES),
    precision: z.enum(PRECISIONS),
    inputTypes: z.array(z.enum(INPUT_TYPES)),
    saturationRows: z.int().positive(),
    passedOver: z.array(z.string()),
  }),
  /** Answer to `run`; the probabilities are on the slab. */
  z.object({
    kind: z.literal('ran'),
    rows: z.int().nonnegative(),
    decodeMs: z.number().nonnegative(),
    inferenceMs: z.number().nonnegative(),
  }),
  /** Sent in place of `ready` or `ran`. */
  z.object({
    kind: z.literal('failed'),
    error: wireErrorSchema,
    /** For the log: the error as Node prints it, with stack and causes. */
    report: z.string(),
  }),
]);

/** From an instance to the main thread. */
export type InstanceMessage = z.infer<typeof instanceMessage>;

/** @throws ZodError on a bug, because both sides are ours; the same holds for the next two functions */
export function parseInstanceSettings(data: unknown): z.infer<typeof instanceSettings> {
  return instanceSettings.parse(data);
}

export function parseInstanceTask(data: unknown): InstanceTask {
  return instanceTask.parse(data);
}

export function parseInstanceMessage(data: unknown): InstanceMessage {
  return instanceMessage.parse(data);
}
