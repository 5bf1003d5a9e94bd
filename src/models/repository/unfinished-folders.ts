import { randomUUID } from 'node:crypto';
import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Prefix of folders that a process has not finished: of versions, and of attempts to write. */
export const UNFINISHED = '.unfinished-';
/** A repository may be shared over a network, where the processes of other hosts cannot be seen. No version takes this long to
 * write. */
const FOREIGN_MS = 24 * 3_600_000;

/** The name of a new folder of this process. */
export function unfinishedName(): string {
  return `${UNFINISHED}${randomUUID()}-${process.pid}-${hostname()}`;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs as another user.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

async function isAbandoned(path: string, name: string): Promise<boolean> {
  const [, pid, host] = /^[0-9a-f-]{36}-(\d+)-(.+)$/.exec(name.slice(UNFINISHED.length)) ?? [];
  if (host === hostname()) return !isRunning(Number(pid));
  return Date.now() - (await stat(path)).mtimeMs > FOREIGN_MS;
}

async function removeFrom(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const removed: string[] = [];
  for (const { name } of entries.filter(
    (entry) => entry.isDirectory() && entry.name.startsWith(UNFINISHED),
  )) {
    const path = join(directory, name);
    if (!(await isAbandoned(path, name).catch(() => false))) continue;
    await rm(path, { recursive: true, force: true });
    removed.push(path);
  }
  return removed;
}

/** Deletes the folders that killed processes left in a repository.
 * @returns their paths
 * @throws the file system's error when a folder cannot be deleted */
export async function removeUnfinished(modelsDir: string): Promise<string[]> {
  const entries = await readdir(modelsDir, { withFileTypes: true }).catch(() => []);
  const models = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  const removed = await removeFrom(modelsDir);
  for (const { name } of models) {
    const folder = join(modelsDir, name);
    const unfinished = await removeFrom(folder);
    // The folder of a model that has no version; any other is not empty, and stays.
    if (unfinished.length > 0) await rmdir(folder).catch(() => undefined);
    removed.push(...unfinished);
  }
  return removed;
}
