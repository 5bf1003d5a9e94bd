import { existsSync, renameSync } from 'node:fs';
import { basename } from 'node:path';
import { FoveaError } from '../../platform/errors.js';

/** What belongs to an SQLite file; the log may hold rows that the file does not. */
const SUFFIXES = ['', '-wal', '-shm'];

function freeName(path: string): string {
  const stamp = new Date().toISOString().replaceAll(':', '-');
  let name = `${path}.damaged-${stamp}`;
  for (let attempt = 2; existsSync(name); attempt++) name = `${path}.damaged-${stamp}-${attempt}`;
  return name;
}

/**
 * Puts a damaged file aside under a new name, for whoever wants to rescue rows; the next opening starts a new one.
 * @returns the error to throw
 */
export function setAside(path: string, cause: unknown): FoveaError {
  const aside = freeName(path);
  for (const suffix of SUFFIXES) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  return new FoveaError(
    'history_damaged',
    `The history "${basename(path)}" is damaged and was kept as "${basename(aside)}"; the next start begins a new one. "sqlite3 ${basename(aside)} .recover" may rescue rows.`,
    { details: { kept_as: basename(aside), problem: String(cause) }, cause },
  );
}
