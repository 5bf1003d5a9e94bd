import { existsSync, renameSync } from 'node:fs';
import { basename } from 'node:path';
import { FoveaError } from '../errors.js';
import type { DatabaseForm } from './database-form.js';

/** Suffixes of the files of one database; `-wal` may hold rows that the file lacks. */
const SUFFIXES = ['', '-wal', '-shm'];

function freeName(path: string): string {
  const stamp = new Date().toISOString().replaceAll(':', '-');
  let name = `${path}.damaged-${stamp}`;
  for (let attempt = 2; existsSync(name); attempt++) name = `${path}.damaged-${stamp}-${attempt}`;
  return name;
}

/** Renames a damaged database, so that rows can be recovered and the next `openToWrite` creates a new file.
 * @returns the error to throw */
export function setAside(path: string, { name, damaged }: DatabaseForm, cause: unknown): FoveaError {
  const aside = freeName(path);
  for (const suffix of SUFFIXES) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  const kept = basename(aside);
  return new FoveaError(
    damaged,
    `The ${name} "${basename(path)}" is damaged and was renamed to "${kept}"; a new one is created. "sqlite3 ${kept} .recover" may recover rows.`,
    { details: { kept_as: kept, problem: String(cause) }, cause },
  );
}

/** @returns the error for a damaged file that keeps its name */
export function damagedInPlace(path: string, { name, damaged }: DatabaseForm, cause: unknown): FoveaError {
  const file = basename(path);
  const message = `The ${name} "${file}" is damaged. "sqlite3 ${file} .recover" may recover rows.`;
  return new FoveaError(damaged, message, { details: { problem: String(cause) }, cause });
}
