/**
 * The better-sqlite3 that fits this Node. Version 12 aborts on Node 24 when a thread with statements ends. Version 13, whose
 * package holds a compiled addon, needs Node-API 10, which Node 20 does not have.
 */
const { default: SqliteDatabase } =
  Number(process.versions.napi) >= 10 ? await import('better-sqlite3-13') : await import('better-sqlite3');

const { SqliteError } = SqliteDatabase;

export { SqliteDatabase, SqliteError };
