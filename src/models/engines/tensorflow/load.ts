import type { ModelSource } from '../../formats/format.js';
import { SavedModelSource } from '../../formats/saved-model/saved-model-source.js';
import { statedKindOf } from '../../plan/output-kind.js';
import type { Device, Engine, EngineOptions } from '../engine.js';
import { openProgram } from '../tfjs/open-program.js';
import { TfjsEngine } from '../tfjs/tfjs-engine.js';
import { unavailable } from '../unavailable.js';
import './removed-functions.js';
import { savedModelProgram } from './saved-model-program.js';

/** By `bench/engine.bench.ts`, on CPUs. */
const SATURATION_ROWS = 32;

/** The only place that imports tfjs-node for inference, because the import registers its backend.
 * @throws FoveaError `engine_unavailable` or `model_invalid` */
export async function loadTensorflow(source: ModelSource, options: EngineOptions): Promise<Engine> {
  const { device, maxBatchSize } = options;
  const tf = await importTensorflow();
  const found: Device = isOnGpu(tf.backend()) ? 'cuda' : 'cpu';
  if (device === 'cuda' && found === 'cpu')
    throw unavailable('TensorFlow found no CUDA device: check the driver, CUDA_VISIBLE_DEVICES and its log.');
  if (device === 'cpu' && found === 'cuda')
    throw unavailable('TensorFlow took the GPU: start with CUDA_VISIBLE_DEVICES=-1 to keep it on the CPU.');
  const program =
    source instanceof SavedModelSource
      ? {
          program: await savedModelProgram(tf, source),
          outputKind: statedKindOf(source.version.manifest.output),
        }
      : await openProgram(tf, source);
  // On a GPU the throughput per image rises up to the largest batch.
  const saturationRows = device === 'cuda' ? maxBatchSize : Math.min(SATURATION_ROWS, maxBatchSize);
  return new TfjsEngine({ tf, ...program, name: 'tensorflow', source, options, saturationRows });
}

async function importTensorflow() {
  try {
    return (await import('./tfjs-node.js')).default;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    // Clients may see the message, so it names the missing library without its path.
    const message = `libtensorflow's addon cannot be loaded: ${reason.replaceAll(/[^\s'"]*\//g, '')} Install it with node setup/setup.mjs --tensorflow.`;
    throw unavailable(message, error);
  }
}

/** tfjs-node falls back to the CPU silently, so its backend is asked. */
function isOnGpu(backend: object): boolean {
  return 'isUsingGpuDevice' in backend && backend.isUsingGpuDevice === true;
}
