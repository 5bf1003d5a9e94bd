import { createHash } from 'node:crypto';
import type { NativePlan } from '../../../native/index.js';

/** Hashes a plan and the settings that its kernels and packed weights depend on. Instances of a process with equal keys
 * share kernels and weights. */
export function planKey(plan: NativePlan, settings: readonly number[]): string {
  const hash = createHash('sha256');
  const text = JSON.stringify([plan, settings], (_name, value: unknown) => {
    if (!(value instanceof Float32Array)) return value;
    hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    return value.length;
  });
  return hash.update(text).digest('hex');
}
