import { open } from 'node:fs/promises';

/** libuv's default number of threads. */
const FILES_AT_ONCE = 4;

/** Syncs a file's content, or a folder's names, to disk: without it a loss of power can undo a write or a rename. */
export async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Syncs many paths, `FILES_AT_ONCE` at a time. */
export async function syncPaths(paths: Iterable<string>): Promise<void> {
  const rest = paths[Symbol.iterator]();
  const syncRest = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) await syncPath(next.value);
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, syncRest));
}
