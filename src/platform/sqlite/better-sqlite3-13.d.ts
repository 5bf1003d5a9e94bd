/** The alias of package.json. Both versions have the functions that we use. */
declare module 'better-sqlite3-13' {
  import SqliteDatabase = require('better-sqlite3');
  export = SqliteDatabase;
}
