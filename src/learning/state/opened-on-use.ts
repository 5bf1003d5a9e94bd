import type { DatabaseForm } from '../../platform/sqlite/database-form.js';
import { FileIdentity } from '../../platform/sqlite/file-identity.js';
import { setAside } from '../../platform/sqlite/set-aside.js';
import { fromSqlite, isDamage } from '../../platform/sqlite/sqlite-error.js';

interface Store {
  close(): void;
}

/** A database that is opened on its first call. A damaged file is renamed. The call that notices that the file is damaged, was deleted
 * or was replaced fails, and the next call creates a new one. */
export class OpenedOnUse<Opened extends Store> {
  readonly #path: string;
  readonly #form: DatabaseForm;
  readonly #open: (path: string) => Opened;
  #store: Opened | undefined;
  #identity: FileIdentity | undefined;

  constructor(path: string, form: DatabaseForm, open: (path: string) => Opened) {
    this.#path = path;
    this.#form = form;
    this.#open = open;
  }

  /** @throws FoveaError `damaged` and `failed` of the form, `config_invalid` */
  use<T>(run: (store: Opened) => T): T {
    try {
      this.#requireSameFile();
      this.#store ??= this.#open(this.#path);
      this.#identity ??= new FileIdentity(this.#path, this.#form);
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
    this.#identity = undefined;
  }

  /** @throws FoveaError `failed` of the form */
  #requireSameFile(): void {
    try {
      this.#identity?.check();
    } catch (error) {
      this.close();
      throw error;
    }
  }
}
