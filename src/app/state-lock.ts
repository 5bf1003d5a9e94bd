import { mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { FoveaError } from '../platform/errors.js';
import { removeRemnants, replaceFile } from '../platform/replace-file.js';
import { SqliteDatabase, SqliteError } from '../platform/sqlite/driver.js';
import { isDamage } from '../platform/sqlite/sqlite-error.js';

/** An empty SQLite file: its write lock is the server's lock, which the kernel releases when the process ends. */
const LOCK_FILE = 'server.lock';
/** Who holds the lock, for the error of a second server. */
const HOLDER_FILE = 'server.json';

const holderSchema = z.object({ pid: z.int(), host: z.string(), since: z.iso.datetime() });

export interface StateLock {
  release(): void;
}

function describeHolder(stateDir: string): string {
  try {
    const { pid, host, since } = holderSchema.parse(
      JSON.parse(readFileSync(join(stateDir, HOLDER_FILE), 'utf8')),
    );
    return `process ${pid} on ${host}, since ${since}`;
  } catch {
    // The holder has not written the file yet.
    return 'another process';
  }
}

function refusal(stateDir: string, cause: unknown): FoveaError {
  if (cause instanceof SqliteError && cause.code === 'SQLITE_BUSY') {
    const message = `Another server uses the state directory ${stateDir}: ${describeHolder(stateDir)}. Stop it, or give this server its own FOVEA_STATE_DIR.`;
    return new FoveaError('config_invalid', message, { cause });
  }
  return new FoveaError('config_invalid', `FOVEA_STATE_DIR: ${stateDir} cannot be written.`, { cause });
}

/** @throws SqliteError `SQLITE_BUSY` when another process holds the lock */
function lockFile(path: string): Database {
  const database = new SqliteDatabase(path, { timeout: 0 });
  try {
    // A journal in memory, because a full disk must not prevent the start.
    database.pragma('journal_mode = MEMORY');
    // Never committed: the transaction writes nothing, it only holds the lock.
    database.exec('BEGIN IMMEDIATE');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function lock(stateDir: string): Database {
  const path = join(stateDir, LOCK_FILE);
  try {
    mkdirSync(stateDir, { recursive: true });
    try {
      return lockFile(path);
    } catch (error) {
      if (!isDamage(error)) throw error;
      // Emptied in place, not replaced: a lock of another process belongs to this file.
      truncateSync(path);
      return lockFile(path);
    }
  } catch (error) {
    throw refusal(stateDir, error);
  }
}

/** Locks a state directory for one server: a second one would delete the uploads in progress of the first, and resume its
 * training.
 * @throws FoveaError `config_invalid` with the holder, when the directory is locked or cannot be written */
export async function lockStateDir(stateDir: string): Promise<StateLock> {
  const database = lock(stateDir);
  await removeRemnants(stateDir);
  const holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  // A full disk must not prevent the start; only the error of a second server lacks the holder then.
  await replaceFile(join(stateDir, HOLDER_FILE), `${JSON.stringify(holder)}\n`).catch(() => undefined);
  return { release: () => void database.close() };
}
