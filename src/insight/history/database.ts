import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import type { DatabaseForm } from '../../platform/sqlite/database-form.js';
import * as sqlite from '../../platform/sqlite/open-database.js';
import { MIGRATIONS } from './migrations/list.js';

/** `applicationId` reads "Fove". */
export const HISTORY: DatabaseForm = {
  name: 'history',
  failed: 'history_failed',
  damaged: 'history_damaged',
  applicationId: 0x466f7665,
  migrations: MIGRATIONS,
};

const PAGE_BYTES = 8192;
const MAX_IDLE_WAL_BYTES = 64 * 1024 * 1024;
/** 16 MiB: fewer checkpoints than SQLite's 1000 pages, each page written once for more commits. */
const CHECKPOINT_PAGES = 2048;
/** Rows come in the order of their keys: what they touch is little, and the system keeps the rest of the file anyway. */
const WRITER_CACHE_KIBIBYTES = 16 * 1024;
const READER_CACHE_KIBIBYTES = 16 * 1024;

/** Up to this size the check at opening takes less than a tenth of a second; it reads the whole file. */
const CHECKED_BYTES = 64 * 1024 * 1024;

export type Durability = 'relaxed' | 'strict';

function bytesOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    // None yet, or out of reach, which opening it will tell.
    return 0;
  }
}

/** A clean end empties the log into the file: where rows are left in it, the last writer was killed or lost its power. */
function hasUncleanEnd(path: string): boolean {
  return bytesOf(`${path}-wal`) > 0;
}

/**
 * Opens the history to write it, in its newest form; the file is made where there is none. It is checked for damage after
 * an unclean end, and where it is small, so that a start takes no longer for a large history.
 * @param checkedBytes size up to which it is always checked
 * @throws FoveaError `history_damaged` when the file is broken: it was kept under another name, and the next call
 * starts a new one; `config_invalid` when it is not a history; `history_failed` when it cannot be opened
 */
export function openToWrite(path: string, durability: Durability, checkedBytes = CHECKED_BYTES): Database {
  return sqlite.openToWrite(path, HISTORY, {
    synchronous: durability === 'strict' ? 'FULL' : 'NORMAL',
    isChecked: hasUncleanEnd(path) || bytesOf(path) <= checkedBytes,
    pragmas: [
      `page_size = ${PAGE_BYTES}`,
      'auto_vacuum = INCREMENTAL',
      `journal_size_limit = ${MAX_IDLE_WAL_BYTES}`,
      `wal_autocheckpoint = ${CHECKPOINT_PAGES}`,
      `cache_size = -${WRITER_CACHE_KIBIBYTES}`,
    ],
  });
}

/** Opens a history that a writer has opened before. */
export function openToRead(path: string): Database {
  return sqlite.openToRead(path, [`cache_size = -${READER_CACHE_KIBIBYTES}`]);
}
