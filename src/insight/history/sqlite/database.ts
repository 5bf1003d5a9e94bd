import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import type { DatabaseForm } from '../../../platform/sqlite/database-form.js';
import * as sqlite from '../../../platform/sqlite/open-database.js';
import type { Durability } from '../requests.js';
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
/** 16 MiB instead of SQLite's 1000 pages: fewer checkpoints, so that each page is written once for more commits. */
const CHECKPOINT_PAGES = 2048;
/** Rows are inserted in key order, so that few pages are touched; the page cache holds the rest of the file. */
const WRITER_CACHE_KIBIBYTES = 16 * 1024;
const READER_CACHE_KIBIBYTES = 16 * 1024;

/** The check reads the whole file. Up to this size it takes less than 0.1 s. */
const CHECKED_BYTES = 64 * 1024 * 1024;

function bytesOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    // The file does not exist or is not accessible; opening it reports the reason.
    return 0;
  }
}

/**
 * A clean shutdown empties the write-ahead log. A log with rows means that the last writer was killed or lost power.
 */
function hasUncleanEnd(path: string): boolean {
  return bytesOf(`${path}-wal`) > 0;
}

/**
 * Opens the history to write it and migrates it to the newest form; creates it when missing. Checks it for damage
 * when it is small or had an unclean shutdown, so that start time does not grow with the history.
 * @param checkedBytes files up to this size are always checked
 * @throws FoveaError `history_damaged` when the file is damaged: it was renamed, and the next call creates a new one;
 *   `config_invalid` when it is not a history; `history_failed` when it cannot be opened
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

/** Opens a history that the writer has opened before. */
export function openToRead(path: string): Database {
  return sqlite.openToRead(path, [`cache_size = -${READER_CACHE_KIBIBYTES}`]);
}
