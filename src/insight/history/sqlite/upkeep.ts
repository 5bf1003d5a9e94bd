import { rmSync, statSync, writeFileSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { BUSY_TIMEOUT_MS, readPragma } from '../../../platform/sqlite/open-database.js';

/** Far above the size that regular checkpoints allow. A log of this size means that a reader blocked checkpoints. */
const MAX_WAL_BYTES = 128 * 1024 * 1024;
/** Longest wait for a reader that blocks truncation, during which no commit runs. */
const TRUNCATE_TIMEOUT_MS = 100;
/** New rows reuse free pages. The file is shrunk only when more than this share is free. */
const MAX_FREE_SHARE = 0.2;
const MIN_FREE_PAGES = 128;
const PAGES_PER_STEP = 128;
/** A group of 512 rows with its sums takes less. */
const PROBE_BYTES = 512 * 1024;

/** Writes and deletes a file. @throws Error of the system, such as ENOSPC */
export function probeDisk(path: string, bytes = PROBE_BYTES): void {
  try {
    writeFileSync(path, Buffer.alloc(bytes), { flush: true });
  } finally {
    rmSync(path, { force: true });
  }
}

export function walBytesOf(path: string): number {
  return statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

/** Truncates an overlong write-ahead log. @returns whether it was too long */
export function truncateLog(database: Database, maxBytes = MAX_WAL_BYTES): boolean {
  if (walBytesOf(database.name) <= maxBytes) return false;
  database.pragma(`busy_timeout = ${TRUNCATE_TIMEOUT_MS}`);
  try {
    database.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }
  return true;
}

/** Returns some free pages to the file system. @returns whether there were too many */
export function releasePages(database: Database): boolean {
  const free = readPragma(database, 'freelist_count');
  if (free < Math.max(MIN_FREE_PAGES, readPragma(database, 'page_count') * MAX_FREE_SHARE)) return false;
  database.pragma(`incremental_vacuum(${PAGES_PER_STEP})`);
  return true;
}
