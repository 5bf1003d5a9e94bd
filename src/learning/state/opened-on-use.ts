import type { DatabaseForm } from '../../platform/sqlite/database-form.js';
import { setAside } from '../../platform/sqlite/set-aside.js';
import { fromSqlite, isDamage } from '../../platform/sqlite/sqlite-error.js';

interface Store {
  close(): void;
}

/** A database that is opened on its first call. A damaged file is renamed, and the next call creates a new one. */
export class OpenedOnUse<Opened extends Store> {
  readonly #path: string;
  readonly #form: DatabaseForm;
  readonly #open: (path: string) => Opened;
  #store: Opened | undefined;

  constructor(path: string, form: DatabaseForm, open: (path: string) => Opened) {
    this.#path = path;
    this.#form = form;
    this.#open = open;
  }

  /** @throws FoveaError `damaged` and `failed` of the form, `config_invalid` */
  use<T>(run: (store: Opened) => T): T {
    try {
      this.#store ??= this.#open(this.#path);
      return run(this.#store);
    } catch (error) {
      if (!isDamage(error)) throw fromSqlite(error, this.#form);
      this.close();
      throw setAside(this.#path, this.#form, error);
    }
  }

  close(): void {
    this.#store?.close();
    this.#store = undefined;
  }
}
