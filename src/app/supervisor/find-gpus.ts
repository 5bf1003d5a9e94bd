import { readdirSync } from 'node:fs';

/** Has one folder for each GPU; a container sees the folders of its GPUs only. */
const DRIVER_FOLDER = '/proc/driver/nvidia/gpus';

/** The GPUs as `CUDA_VISIBLE_DEVICES` lists them; empty where there is none, or none is known. */
export function findGpus(visibleDevices: string | undefined, folder = DRIVER_FOLDER): string[] {
  if (visibleDevices !== undefined)
    return visibleDevices
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean);
  try {
    return readdirSync(folder).map((_, index) => String(index));
  } catch {
    return [];
  }
}
