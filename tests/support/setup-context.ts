import type { Context } from '../../setup/context.mjs';

/** Context of set-up steps; records their output. */
export interface TestContext extends Context {
  readonly shown: string[];
}

/**
 * @param root replaces the checkout
 * @param env added to PATH; no registry, index or download is reachable
 */
export function setupContext(
  root: string,
  env: NodeJS.ProcessEnv = {},
  signal: AbortSignal = new AbortController().signal,
): TestContext {
  const shown: string[] = [];
  return {
    root,
    shown,
    signal,
    env: {
      PATH: process.env.PATH,
      FOVEA_CACHE_DIR: `${root}/cache`,
      FOVEA_DEVICE: 'cpu',
      PIP_NO_INDEX: '1',
      TFJS_NODE_CDN_STORAGE: 'http://127.0.0.1:1/',
      ...env,
    },
    progress: {
      say: (text) => void shown.push(text),
      step: (label, work) => {
        shown.push(label);
        return work(() => {});
      },
    },
  };
}
