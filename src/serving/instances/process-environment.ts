import type { Device } from '../../models/engines/engine-names.js';

/**
 * Sets what libtensorflow reads from the environment of the process when it starts; what an operator has set stays.
 *
 * Must run in the main thread before the first worker: a worker's own `process.env` never reaches native code. The
 * settings are the process's: a later model version runs under those of the first.
 * @param threads that one instance may use
 */
export function setTensorflowEnvironment(device: Device | 'auto', threads: number): void {
  const variables = {
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: '1',
    // Else the first instance takes all memory of the card.
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    // Warnings and errors only.
    TF_CPP_MIN_LOG_LEVEL: '1',
  };
  for (const [name, value] of Object.entries(variables)) process.env[name] ??= value;
  // tfjs has no way to keep TensorFlow off a GPU that it sees; asking for the CPU wins over any list of cards.
  if (device === 'cpu') process.env.CUDA_VISIBLE_DEVICES = '-1';
}

/**
 * Sets what the OpenMP under oneDNN reads when it is loaded: its threads sleep at once when there is nothing to do.
 * By default they spin, which on cores that others use as well makes batches ten times slower.
 *
 * Must run in the main thread before the first worker, like the settings above.
 */
export function setOpenMpEnvironment(): void {
  process.env.OMP_WAIT_POLICY ??= 'PASSIVE';
}
