import { resolve } from 'node:path';
import { DiskSpace } from '../platform/disk-space.js';
import type { ServiceState } from '../serving/service-state.js';
import type { Deps } from './deps.js';

/** Watches the disk of the state directory; health shows it when it is full. */
export function createDiskSpace(
  { config: { storage }, log, lifecycle }: Deps,
  state: Pick<ServiceState, 'degrade' | 'restore'>,
): DiskSpace {
  let isFull = false;
  const disk = new DiskSpace({
    directory: resolve(storage.stateDir),
    minFreeBytes: storage.minFreeBytes,
    onCheck: (problem) => {
      if (problem !== undefined) state.degrade('state', problem);
      else state.restore('state');
      if (problem !== undefined && !isFull)
        log.error({ err: problem }, 'the disk of the state directory is full');
      if (problem === undefined && isFull) log.info('the disk of the state directory has room again');
      isFull = problem !== undefined;
    },
  });
  lifecycle.add({ name: 'disk space', close: () => disk.close() });
  return disk;
}
