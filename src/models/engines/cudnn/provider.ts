import { openCudaAddon } from '../../../../native/cuda/index.js';
import { reasonOf } from '../native/open-failure.js';
import { hasNvidiaDriver } from '../nvidia-driver.js';
import type { EngineProvider } from '../provider.js';
import { refusalOf } from './refusal.js';

/** cuDNN, cuBLASLt and Fovea's own kernels, through the addon in `native/cuda/`. */
export const cudnnProvider = {
  name: 'cudnn',
  devices: ['cuda'],
  precisions: ['float16', 'bfloat16', 'float32'],
  probe: () => {
    if (!hasNvidiaDriver()) return 'There is no NVIDIA driver on this machine.';
    const opened = openCudaAddon();
    return 'failure' in opened ? reasonOf(opened.failure) : null;
  },
  accepts: async (source) => {
    const compiled = await source.plan();
    if ('plan' in compiled) return refusalOf(compiled.plan);
    const { layer, reason } = compiled.unsupported;
    return `It cannot run the layer ${layer}, which ${reason}.`;
  },
  // Without this, CUDA and `nvidia-smi` number the cards of a machine in different orders.
  prepareProcess: () => {
    process.env.CUDA_DEVICE_ORDER ??= 'PCI_BUS_ID';
  },
  // The CUDA context and the loaded kernels must outlive the worker that created them.
  keepLoaded: () => void openCudaAddon(),
  load: async (source, options) => (await import('./load.js')).loadCudnn(source, options),
} as const satisfies EngineProvider;
