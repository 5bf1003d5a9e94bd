import { FoveaError } from '../../../platform/errors.js';
import type { ModelVersion } from '../../repository/model-version.js';
import type { Engine, EngineOptions } from '../engine.js';
import type { Device } from '../engine-names.js';
import { hasNvidiaDriver } from './nvidia-driver.js';
import { openProgram } from './open-program.js';
import { TfjsEngine } from './tfjs-engine.js';

/** Loads a version onto libtensorflow. Only here is tfjs-node imported for inference: that registers its backend.
 * @throws FoveaError `engine_unavailable` or `model_invalid` */
export async function loadTensorflow(version: ModelVersion, options: EngineOptions): Promise<Engine> {
  if (options.device === 'cuda' && !hasNvidiaDriver())
    throw unavailable('There is no NVIDIA driver on this machine.');
  const tf = await importTensorflow();
  const device: Device = isOnGpu(tf.backend()) ? 'cuda' : 'cpu';
  if (options.device === 'cuda' && device === 'cpu')
    throw unavailable('TensorFlow found no CUDA device: check the driver, CUDA_VISIBLE_DEVICES and its log.');
  if (options.device === 'cpu' && device === 'cuda')
    throw unavailable('TensorFlow took the GPU: start with CUDA_VISIBLE_DEVICES=-1 to keep it on the CPU.');
  const program = await openProgram(tf, version);
  const { input, labels } = version.manifest;
  return new TfjsEngine({ tf, program, name: 'tensorflow', device, input, classes: labels.length, options });
}

async function importTensorflow() {
  try {
    return await import('@tensorflow/tfjs-node-gpu');
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    // The addon's place on this machine is nobody's business; the library that it misses is.
    const message = `libtensorflow's addon cannot be loaded: ${reason.replaceAll(/[^\s'"]*\//g, '')} Set it up by node setup/setup.mjs --tensorflow.`;
    throw unavailable(message, error);
  }
}

/** tfjs-node falls back to the CPU in silence; its backend tells. */
function isOnGpu(backend: object): boolean {
  return 'isUsingGpuDevice' in backend && backend.isUsingGpuDevice === true;
}

function unavailable(message: string, cause?: unknown): FoveaError {
  return new FoveaError('engine_unavailable', message, { cause });
}
