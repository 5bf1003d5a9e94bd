import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { syncPaths } from '../../platform/sync-files.js';
import { catalogueImagePath } from './catalogue-schema.js';

const STAGING = 'staging';

/** Folder of a change's files. It exists exactly as long as the change runs. */
export function stagingOf(folder: string, change: string): string {
  return join(folder, STAGING, change);
}

/**
 * Moves files into the image folders and syncs them. After it resolves, rows that name the files may be committed,
 * because the files survive a power loss.
 */
export async function placeImages(
  folder: string,
  files: readonly { readonly path: string; readonly sha256: string }[],
): Promise<void> {
  await syncPaths(files.map(({ path }) => path));
  const images = join(folder, 'images');
  const folders = new Set([folder, images]);
  // Synchronous calls, because they are ten times as fast for many files.
  for (const { path, sha256 } of files) {
    const place = join(folder, catalogueImagePath(sha256));
    mkdirSync(dirname(place), { recursive: true });
    renameSync(path, place);
    folders.add(dirname(place));
  }
  await syncPaths([...folders].filter((each) => existsSync(each)));
}

/** Deletes the files of `hashes` that no row names. */
export function deleteUnnamed(folder: string, database: Database, hashes: Iterable<string>): void {
  const isNamed = database.prepare('SELECT 1 FROM images WHERE sha256 = ? LIMIT 1');
  for (const sha256 of hashes) {
    if (isNamed.get(sha256) === undefined) rmSync(join(folder, catalogueImagePath(sha256)), { force: true });
  }
}

/** True when an interrupted change left files in staging. */
export async function hasLeftovers(folder: string): Promise<boolean> {
  const changes = await readdir(join(folder, STAGING)).catch(() => []);
  return changes.length > 0;
}

/** Deletes the leftovers of interrupted changes: staging folders, and files that no row names. */
export async function deleteLeftovers(folder: string, database: Database): Promise<void> {
  const images = join(folder, 'images');
  for (const prefix of await readdir(images).catch(() => [])) {
    deleteUnnamed(folder, database, await readdir(join(images, prefix)));
  }
  await rm(join(folder, STAGING), { recursive: true, force: true });
}
