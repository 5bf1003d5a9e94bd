import { type Stats, statSync } from 'node:fs';
import type { DatabaseName } from '../database/database-name.js';
import { FoveaError } from '../errors.js';

function isSameFile(a: Stats | undefined, b: Stats | undefined): boolean {
  return a?.ino === b?.ino && a?.dev === b?.dev;
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

/**
 * Notices that an open database was deleted or replaced. SQLite keeps writing to the deleted file or log, without an
 * error, and every row is lost when the connection closes.
 */
export class FileIdentity {
  readonly #path: string;
  readonly #database: DatabaseName;
  readonly #file: Stats | undefined;
  #log: Stats | undefined;

  /** @param path of a database that has just been opened */
  constructor(path: string, database: DatabaseName) {
    this.#path = path;
    this.#database = database;
    this.#file = statOf(path);
  }

  isSame(): boolean {
    const log = statOf(`${this.#path}-wal`);
    // SQLite creates the log with the first access of a connection.
    this.#log ??= log;
    return isSameFile(this.#file, statOf(this.#path)) && isSameFile(this.#log, log);
  }

  /** @throws FoveaError `failed` of the database */
  check(): void {
    if (this.isSame()) return;
    const { name, failed } = this.#database;
    throw new FoveaError(
      failed,
      `The file of the ${name} or its write-ahead log was deleted or replaced while the server was running. Later rows go to a new file.`,
    );
  }
}
