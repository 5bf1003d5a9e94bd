import { type Stats, statSync } from 'node:fs';
import { FoveaError } from '../../platform/errors.js';

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
  readonly #file: Stats | undefined;
  #log: Stats | undefined;

  /** @param path of a database that has just been opened */
  constructor(path: string) {
    this.#path = path;
    this.#file = statOf(path);
  }

  isSame(): boolean {
    const log = statOf(`${this.#path}-wal`);
    // SQLite creates the log with the first access of a connection.
    this.#log ??= log;
    return isSameFile(this.#file, statOf(this.#path)) && isSameFile(this.#log, log);
  }

  /** @throws FoveaError `history_failed` */
  check(): void {
    if (this.isSame()) return;
    throw new FoveaError(
      'history_failed',
      'The history file or its write-ahead log was deleted or replaced while the server was running. Later predictions go to a new file.',
    );
  }
}
