import { open } from 'node:fs/promises';

/** As many as libuv has threads for by default. */
const FILES_AT_ONCE = 4;

/** Waits until the content of a file is on the disk, or the names in a folder: a rename alone can be lost with the power. */
export async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The same for many. */
export async function syncPaths(paths: Iterable<string>): Promise<void> {
  const rest = paths[Symbol.iterator]();
  const syncRest = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) await syncPath(next.value);
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, syncRest));
}
