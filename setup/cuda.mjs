import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './command.mjs';
import { findTool } from './host.mjs';

/** The driver's library, which libtensorflow opens by this name. /proc/driver/nvidia does not suffice: containers without the library have it, too. */
const DRIVER_LIBRARY = 'libcuda.so.1';

/**
 * Whether to set up the CUDA build of libtensorflow: by FOVEA_DEVICE, else if an NVIDIA driver is installed.
 * @param {import('./context.mjs').Context} context
 */
export async function wantsCuda({ env, signal }) {
  if (env.FOVEA_DEVICE === 'cuda') return true;
  if (env.FOVEA_DEVICE === 'cpu') return false;
  const folders = (env.LD_LIBRARY_PATH ?? '').split(delimiter).filter(Boolean);
  if (folders.some((folder) => existsSync(join(folder, DRIVER_LIBRARY)))) return true;
  const ldconfig = findTool(['ldconfig'], { PATH: [env.PATH, '/sbin', '/usr/sbin'].join(delimiter) });
  if (ldconfig === undefined) return false;
  try {
    return (await run(ldconfig, ['-p'], { env, signal })).includes(DRIVER_LIBRARY);
  } catch {
    // Fails without a linker cache. Then programs find no driver either.
    signal.throwIfAborted();
    return false;
  }
}
