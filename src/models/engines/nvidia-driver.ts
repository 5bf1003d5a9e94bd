import { existsSync } from 'node:fs';

/** Files of an NVIDIA driver on Linux, in containers, and in the Windows Subsystem for Linux. */
const DRIVER_FILES = ['/proc/driver/nvidia/version', '/dev/nvidiactl', '/dev/dxg'];

/** Whether there may be a GPU. Asking CUDA itself would load 850 MB of libraries. */
export function hasNvidiaDriver(): boolean {
  return DRIVER_FILES.some((file) => existsSync(file));
}
