import { existsSync, renameSync } from 'node:fs';
import { basename } from 'node:path';
import { FoveaError } from '../errors.js';
import type { DatabaseForm } from './database-form.js';

/** What belongs to an SQLite file; the log may hold rows that the file does not. */
const SUFFIXES = ['', '-wal', '-shm'];

function freeName(path: string): string {
  const stamp = new Date().toISOString().replaceAll(':', '-');
  let name = `${path}.damaged-${stamp}`;
  for (let attempt = 2; existsSync(name); attempt++) name = `${path}.damaged-${stamp}-${attempt}`;
  return name;
}

/**
 * Keeps a damaged file under a new name, so that rows can be rescued from it; the next opening starts a new file.
 * @returns the error to throw
 */
export function setAside(path: string, { name, damaged }: DatabaseForm, cause: unknown): FoveaError {
  const aside = freeName(path);
  for (const suffix of SUFFIXES) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  const kept = basename(aside);
  return new FoveaError(
    damaged,
    `The ${name} "${basename(path)}" is damaged and was kept as "${kept}"; the next start begins a new one. "sqlite3 ${kept} .recover" may rescue rows.`,
    { details: { kept_as: kept, problem: String(cause) }, cause },
  );
}

/** The error for a damaged file that stays where it is. */
export function damagedInPlace(path: string, { name, damaged }: DatabaseForm, cause: unknown): FoveaError {
  const file = basename(path);
  const message = `The ${name} "${file}" is damaged. "sqlite3 ${file} .recover" may rescue rows.`;
  return new FoveaError(damaged, message, { details: { problem: String(cause) }, cause });
}
