import { openAddon } from '../../../../native/index.js';
import type { EngineProvider } from '../provider.js';
import { automaticPrecisions } from './automatic-precisions.js';
import { reasonOf } from './open-failure.js';

/** oneDNN, through the addon in `native/`. */
export const nativeProvider = {
  name: 'native',
  devices: ['cpu'],
  precisions: ['float32', 'bfloat16', 'int8'],
  probe: () => {
    const opened = openAddon();
    return 'failure' in opened ? reasonOf(opened.failure) : null;
  },
  accepts: async (source) => {
    const compiled = await source.plan();
    if ('plan' in compiled) return null;
    const { layer, reason } = compiled.unsupported;
    return `It cannot run the layer ${layer}, which ${reason}.`;
  },
  automaticPrecisions,
  // OpenMP reads its environment variables once, as it loads. Only the main thread can set them for native code.
  prepareProcess: () => void openAddon(),
  load: async (source, options) => (await import('./load.js')).loadNative(source, options),
} as const satisfies EngineProvider;
