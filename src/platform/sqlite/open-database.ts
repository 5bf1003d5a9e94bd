import { closeSync, mkdirSync, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { FoveaError } from '../errors.js';
import type { DatabaseForm } from './database-form.js';
import { SqliteDatabase, SqliteError } from './driver.js';
import { damagedInPlace, setAside } from './set-aside.js';
import { fromSqlite, isDamage } from './sqlite-error.js';

/** How long a call waits while another process holds the file. */
export const BUSY_TIMEOUT_MS = 5000;

export interface WriteOptions {
  /** FULL: a commit is on disk when it returns. NORMAL: a loss of power can lose the commits since the last checkpoint. */
  readonly synchronous: 'FULL' | 'NORMAL';
  readonly busyTimeoutMs?: number;
  /** Further pragmas, such as `cache_size = -1024`; they run before the migrations. */
  readonly pragmas?: readonly string[];
  /** Runs `quick_check`, which reads the whole file. */
  readonly isChecked?: boolean;
  /** False keeps a damaged file under its name. Default: true. */
  readonly setsDamagedAside?: boolean;
}

const integer = z.int();
const findings = z.array(z.object({ quick_check: z.string() }));
const names = z.array(z.string());

export function readPragma(database: Database, name: string): number {
  return integer.parse(database.pragma(name, { simple: true }));
}

/** @returns the lines of `quick_check`; none when the file is sound */
export function findDamage(database: Database): string[] {
  const lines = findings.parse(database.pragma('quick_check(20)')).map((row) => row.quick_check);
  return lines.length === 1 && lines[0] === 'ok' ? [] : lines;
}

function refuseForeign(database: Database, path: string, form: DatabaseForm): void {
  const tables = names.parse(
    database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all(),
  );
  const id = readPragma(database, 'application_id');
  if (tables.length === 0 || id === form.applicationId) return;
  const { unmarkedTables = [] } = form;
  if (id === 0 && tables.every((table) => unmarkedTables.includes(table))) return;
  throw new FoveaError('config_invalid', `The ${form.name} "${basename(path)}" belongs to another program.`);
}

/** Runs the migrations that the file lacks, in one transaction: two processes may call it at once. */
function migrate(database: Database, path: string, { name, migrations, applicationId }: DatabaseForm): void {
  const run = database.transaction(() => {
    const seen = readPragma(database, 'user_version');
    if (seen > migrations.length) {
      const message = `The ${name} "${basename(path)}" was written by a newer Fovea.`;
      throw new FoveaError('config_invalid', message, {
        details: { migration: seen, newest_known: migrations.length },
      });
    }
    if (seen === migrations.length) return;
    for (const migration of migrations.slice(seen)) database.exec(migration);
    database.pragma(`application_id = ${applicationId}`);
    database.pragma(`user_version = ${migrations.length}`);
  });
  run.immediate();
}

/** SQLite does not tell why it cannot open a file.
 * @returns the reason when it is a failure of the machine, such as no free file handle; else `error` */
function reasonOf(error: unknown, path: string, flags: 'a' | 'r'): unknown {
  try {
    closeSync(openSync(path, flags));
    return error;
  } catch (reason) {
    const known = FoveaError.from(reason);
    return known.code === 'internal' ? error : known;
  }
}

function openFile(path: string, form: DatabaseForm, timeout: number): Database {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return new SqliteDatabase(path, { timeout });
  } catch (error) {
    const known = fromSqlite(reasonOf(error, path, 'a'), form);
    if (known.code !== 'internal') throw known;
    throw new FoveaError(form.failed, `The ${form.name} "${basename(path)}" cannot be opened.`, {
      cause: error,
    });
  }
}

/**
 * Opens a file for writing and migrates it; creates a missing file.
 * @throws FoveaError the form's `damaged` when the file is damaged: it is renamed, and the next call creates a new one;
 * `config_invalid` when another program or a newer release wrote it; the form's `failed` when it cannot be opened
 */
export function openToWrite(path: string, form: DatabaseForm, options: WriteOptions): Database {
  const { synchronous, busyTimeoutMs = BUSY_TIMEOUT_MS, pragmas = [] } = options;
  const database = openFile(path, form, busyTimeoutMs);
  try {
    refuseForeign(database, path, form);
    const damage = options.isChecked === true ? findDamage(database) : [];
    if (damage.length > 0) throw new SqliteError(damage.join('\n'), 'SQLITE_CORRUPT');
    // Page size takes effect only before the file changes to WAL mode.
    for (const pragma of pragmas) database.pragma(pragma);
    database.pragma('journal_mode = WAL');
    database.pragma(`synchronous = ${synchronous}`);
    migrate(database, path, form);
    return database;
  } catch (error) {
    database.close();
    if (!isDamage(error)) throw fromSqlite(error, form);
    throw options.setsDamagedAside === false
      ? damagedInPlace(path, form, error)
      : setAside(path, form, error);
  }
}

/** Opens a file that `openToWrite` created, for reading. */
export function openToRead(path: string, pragmas: readonly string[] = []): Database {
  try {
    const database = new SqliteDatabase(path, {
      readonly: true,
      fileMustExist: true,
      timeout: BUSY_TIMEOUT_MS,
    });
    for (const pragma of pragmas) database.pragma(pragma);
    return database;
  } catch (error) {
    throw reasonOf(error, path, 'r');
  }
}
