import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { syncPaths } from '../../platform/sync-files.js';
import { catalogueImagePath } from './catalogue-schema.js';

const STAGING = 'staging';

/** Where a change keeps its files; as long as it is there the change is not over. */
export function stagingOf(folder: string, change: string): string {
  return join(folder, STAGING, change);
}

/**
 * Moves files to their places among the images. Once this settles, they survive a loss of power: rows that name them may
 * be committed.
 */
export async function placeImages(
  folder: string,
  files: readonly { readonly path: string; readonly sha256: string }[],
): Promise<void> {
  await syncPaths(files.map(({ path }) => path));
  const images = join(folder, 'images');
  const folders = new Set([folder, images]);
  // Synchronously, which is ten times as fast for many of them.
  for (const { path, sha256 } of files) {
    const place = join(folder, catalogueImagePath(sha256));
    mkdirSync(dirname(place), { recursive: true });
    renameSync(path, place);
    folders.add(dirname(place));
  }
  await syncPaths([...folders].filter((each) => existsSync(each)));
}

/** Deletes those of the files that no row names any more. */
export function deleteUnnamed(folder: string, database: Database, hashes: Iterable<string>): void {
  const isNamed = database.prepare('SELECT 1 FROM images WHERE sha256 = ? LIMIT 1');
  for (const sha256 of hashes) {
    if (isNamed.get(sha256) === undefined) rmSync(join(folder, catalogueImagePath(sha256)), { force: true });
  }
}

/** Whether a change was cut off. */
export async function hasLeftovers(folder: string): Promise<boolean> {
  const changes = await readdir(join(folder, STAGING)).catch(() => []);
  return changes.length > 0;
}

/** Takes away what changes that were cut off have left: files that no row names, and their staging. */
export async function deleteLeftovers(folder: string, database: Database): Promise<void> {
  const images = join(folder, 'images');
  for (const prefix of await readdir(images).catch(() => [])) {
    deleteUnnamed(folder, database, await readdir(join(images, prefix)));
  }
  await rm(join(folder, STAGING), { recursive: true, force: true });
}
