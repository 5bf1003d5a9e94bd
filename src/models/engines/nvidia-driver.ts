import { existsSync } from 'node:fs';

/** What an NVIDIA driver leaves in the file system: of Linux, of containers, of Windows' Linux. */
const DRIVER_FILES = ['/proc/driver/nvidia/version', '/dev/nvidiactl', '/dev/dxg'];

/** Whether there may be a GPU; without a driver there is no use in loading 850 MB of libraries to find that out. */
export function hasNvidiaDriver(): boolean {
  return DRIVER_FILES.some((file) => existsSync(file));
}
