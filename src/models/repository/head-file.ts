import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requireFinite } from '../plan/finite-weights.js';
import type { ModelVersion } from './model-version.js';

/** A version's dense layer before its softmax or sigmoid, apart from the network below. */
export interface HeadWeights {
  /** float32 `[width, classes]` */
  readonly kernel: Float32Array;
  /** float32 `[classes]` */
  readonly bias: Float32Array;
}

export const HEAD_FILE = 'head.f32';

export function headFileOf({ kernel, bias }: HeadWeights): Uint8Array {
  const values = new Float32Array(kernel.length + bias.length);
  values.set(kernel);
  values.set(bias, kernel.length);
  return new Uint8Array(values.buffer);
}

/** Reads the head of a version whose manifest has a trunk; undefined where its file has another length.
 * @throws FoveaError `model_invalid` */
export async function readHead({ directory, manifest }: ModelVersion): Promise<HeadWeights | undefined> {
  if (manifest.trunk === undefined) return undefined;
  const bytes = Uint8Array.from(await readFile(join(directory, manifest.trunk.head)));
  const classes = manifest.labels.length;
  const size = manifest.trunk.width * classes;
  if (bytes.length !== (size + classes) * Float32Array.BYTES_PER_ELEMENT) return undefined;
  const values = new Float32Array(bytes.buffer);
  requireFinite(HEAD_FILE, values);
  return { kernel: values.subarray(0, size), bias: values.subarray(size) };
}
