import type { History } from './history.js';
import { openPostgresHistory } from './postgres/open-history.js';
import type { SharedDatabase } from './postgres/shared-database.js';
import { openSqliteHistory, type SqliteHistoryOptions } from './sqlite/open-history.js';

export interface HistoryOptions extends SqliteHistoryOptions {
  /** Holds the history instead of the SQLite file; closed by the history. */
  readonly database?: SharedDatabase | undefined;
}

/** @throws FoveaError as `openPostgresHistory` with a database, else as `openSqliteHistory` */
export function openHistory({ database, ...options }: HistoryOptions): Promise<History> {
  if (database === undefined) return openSqliteHistory(options);
  return openPostgresHistory(database, options);
}
