import { candidatesFor } from '../../models/engines/providers.js';
import type { Config } from './schema.js';

type Inference = Config['inference'];

/** One instance computes while the images of the other are copied to the GPU. */
export const GPU_INSTANCES = 2;
/** Smaller batches do not saturate a GPU (`bench/gpu`). */
export const GPU_MAX_BATCH_SIZE = 256;

/** Replaces CPU defaults when the best engine is on a GPU and an NVIDIA driver is installed.
 * @param isGiven whether the operator has set a variable
 * @param hasDriver whether an NVIDIA driver is installed */
export function withGpuDefaults(
  inference: Inference,
  isGiven: (name: string) => boolean,
  hasDriver: boolean,
): Inference {
  const [best] = candidatesFor(inference);
  if (!hasDriver || best?.device !== 'cuda') return inference;
  return {
    ...inference,
    instances: isGiven('FOVEA_INSTANCES') ? inference.instances : GPU_INSTANCES,
    maxBatchSize: isGiven('FOVEA_MAX_BATCH_SIZE') ? inference.maxBatchSize : GPU_MAX_BATCH_SIZE,
  };
}
