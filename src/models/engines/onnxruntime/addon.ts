import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { Tensor } from 'onnxruntime-common';
import { z } from 'zod';
import { ADDON } from './addon-file.js';

/** Errors only: ONNX Runtime warns about every model that it optimizes. */
const LOG_LEVEL = 3;

const valueInfo = z.object({
  name: z.string(),
  isTensor: z.boolean(),
  /** ONNX's number of the element type. */
  type: z.int().optional(),
  /** -1 where the size is not fixed. */
  shape: z.array(z.number()).optional(),
});

/** An input or output of a session. */
export type OrtValueInfo = z.infer<typeof valueInfo>;

/** A session of ONNX Runtime. All calls block: only workers make them. */
export interface OrtSession {
  /** Reads the file, and the files of external data beside it. */
  loadModel(path: string, options: object): void;
  readonly inputMetadata: unknown;
  readonly outputMetadata: unknown;
  /** Tensors share their arrays with ONNX Runtime until the call returns. */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches: Readonly<Record<string, null>>,
    options: object,
  ): unknown;
  dispose(): void;
}

const addonSchema = z.object({
  initOrtOnce: z.custom<(logLevel: number, tensor: typeof Tensor, isMainThread: boolean) => void>(
    (value) => typeof value === 'function',
  ),
  InferenceSession: z.custom<new () => OrtSession>((value) => typeof value === 'function'),
});

export type OrtAddon = Pick<z.infer<typeof addonSchema>, 'InferenceSession'>;

/** `initOrtOnce` aborts the process when a thread calls it twice. */
let opened: OrtAddon | undefined;

/** Opens ONNX Runtime for the calling thread. The package's own `run` waits for a turn of the event loop; this one does not.
 * @throws Error when set-up has not fetched it */
export function openOrtAddon(): OrtAddon {
  if (opened === undefined) {
    const addon = addonSchema.parse(createRequire(import.meta.url)(ADDON.pathname));
    addon.initOrtOnce(LOG_LEVEL, Tensor, isMainThread);
    opened = addon;
  }
  return opened;
}

/** @param metadata of a session's inputs or outputs */
export function valueInfos(metadata: unknown): readonly OrtValueInfo[] {
  return z.array(valueInfo).parse(metadata);
}

const floats = z.object({ data: z.instanceof(Float32Array), dims: z.array(z.number()) });

/** The tensor of that name among a session's results.
 * @throws ZodError when it holds other numbers than float32 */
export function floatsOf(results: unknown, name: string): z.infer<typeof floats> {
  return floats.parse(z.record(z.string(), z.unknown()).parse(results)[name]);
}
