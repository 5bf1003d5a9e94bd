import { mkdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import SqliteDatabase, { type Database, SqliteError } from 'better-sqlite3';
import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { setAside } from './damaged.js';
import { MIGRATIONS } from './migrations/list.js';
import { fromSqlite, isDamage } from './sqlite-error.js';

/** Marks our files, so that no other program's database is taken for a history: "Fove". */
const APPLICATION_ID = 0x466f7665;
const PAGE_BYTES = 8192;
/** How long another process may hold the file. */
export const BUSY_TIMEOUT_MS = 5000;
const MAX_IDLE_WAL_BYTES = 64 * 1024 * 1024;
/** 16 MiB: fewer checkpoints than SQLite's 1000 pages, each page written once for more commits. */
const CHECKPOINT_PAGES = 2048;
/** Rows come in the order of their keys: what they touch is little, and the system keeps the rest of the file anyway. */
const WRITER_CACHE_KIBIBYTES = 16 * 1024;
const READER_CACHE_KIBIBYTES = 16 * 1024;

export type Durability = 'relaxed' | 'strict';

const integer = z.int();
const findings = z.array(z.object({ quick_check: z.string() }));

export function readPragma(database: Database, name: string): number {
  return integer.parse(database.pragma(name, { simple: true }));
}

/** @returns nothing when all is well */
function findDamage(database: Database): string[] {
  const lines = findings.parse(database.pragma('quick_check(20)')).map((row) => row.quick_check);
  return lines.length === 1 && lines[0] === 'ok' ? [] : lines;
}

function configure(database: Database, durability: Durability): void {
  // The first two only take effect on a file without tables.
  database.pragma(`page_size = ${PAGE_BYTES}`);
  database.pragma('auto_vacuum = INCREMENTAL');
  database.pragma('journal_mode = WAL');
  // A commit reaches the disk: always, or with the next checkpoint (then only a power failure can lose it).
  database.pragma(`synchronous = ${durability === 'strict' ? 'FULL' : 'NORMAL'}`);
  database.pragma(`journal_size_limit = ${MAX_IDLE_WAL_BYTES}`);
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  database.pragma(`cache_size = -${WRITER_CACHE_KIBIBYTES}`);
}

function refuseForeign(database: Database, path: string): void {
  const tables = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  if (tables === 0 || readPragma(database, 'application_id') === APPLICATION_ID) return;
  throw new FoveaError(
    'config_invalid',
    `FOVEA_HISTORY_PATH: "${basename(path)}" belongs to another program.`,
  );
}

/** Brings the file to the newest form; two processes may do so at once. */
function migrate(database: Database, path: string): void {
  const run = database.transaction(() => {
    const seen = readPragma(database, 'user_version');
    if (seen > MIGRATIONS.length) {
      throw new FoveaError(
        'config_invalid',
        `The history "${basename(path)}" was written by a newer Fovea.`,
        {
          details: { migration: seen, newest_known: MIGRATIONS.length },
        },
      );
    }
    for (const migration of MIGRATIONS.slice(seen)) database.exec(migration);
    database.pragma(`application_id = ${APPLICATION_ID}`);
    database.pragma(`user_version = ${MIGRATIONS.length}`);
  });
  run.immediate();
}

function openFile(path: string): Database {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return new SqliteDatabase(path, { timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    if (error instanceof SqliteError) throw fromSqlite(error);
    throw new FoveaError('history_failed', `The history "${basename(path)}" cannot be opened.`, {
      cause: error,
    });
  }
}

/**
 * Opens the history to write it, checked and in its newest form; the file is made where there is none.
 * @throws FoveaError `history_damaged` when the file is broken: it was kept under another name, and the next call
 * starts a new one; `config_invalid` when it is not a history; `history_failed` when it cannot be opened
 */
export function openToWrite(path: string, durability: Durability): Database {
  const database = openFile(path);
  try {
    refuseForeign(database, path);
    const damage = findDamage(database);
    if (damage.length > 0) throw new SqliteError(damage.join('\n'), 'SQLITE_CORRUPT');
    configure(database, durability);
    migrate(database, path);
    return database;
  } catch (error) {
    database.close();
    if (isDamage(error)) throw setAside(path, error);
    throw fromSqlite(error);
  }
}

/** Opens a history that a writer has opened before. */
export function openToRead(path: string): Database {
  const database = new SqliteDatabase(path, {
    readonly: true,
    fileMustExist: true,
    timeout: BUSY_TIMEOUT_MS,
  });
  database.pragma(`cache_size = -${READER_CACHE_KIBIBYTES}`);
  return database;
}
