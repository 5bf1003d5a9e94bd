import { hasNvidiaDriver } from '../nvidia-driver.js';
import type { EngineProvider } from '../provider.js';
import { acceptsOnTfjs } from '../tfjs/accepts.js';
import { preloadTensorflow } from './preload.js';

/** libtensorflow, through tfjs-node. */
export const tensorflowProvider = {
  name: 'tensorflow',
  devices: ['cuda', 'cpu'],
  precisions: ['float32'],
  probe: (device) =>
    device === 'cuda' && !hasNvidiaDriver() ? 'There is no NVIDIA driver on this machine.' : null,
  // By name, because the class would load the protobuf reader in each thread.
  accepts: async (source) => (source.format === 'saved-model' ? null : acceptsOnTfjs(source)),
  prepareProcess: ({ device, threads }) => {
    const variables = {
      TF_NUM_INTRAOP_THREADS: String(threads),
      TF_NUM_INTEROP_THREADS: '1',
      // Otherwise the first instance allocates all memory of the card.
      TF_FORCE_GPU_ALLOW_GROWTH: 'true',
      // Warnings and errors only.
      TF_CPP_MIN_LOG_LEVEL: '1',
    };
    for (const [name, value] of Object.entries(variables)) process.env[name] ??= value;
    // tfjs always uses a visible GPU. FOVEA_DEVICE=cpu overrides the operator's CUDA_VISIBLE_DEVICES.
    if (device === 'cpu') process.env.CUDA_VISIBLE_DEVICES = '-1';
  },
  keepLoaded: () => void preloadTensorflow(),
  load: async (source, options) => (await import('./load.js')).loadTensorflow(source, options),
} as const satisfies EngineProvider;
