import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { FoveaError } from '../../platform/errors.js';
import { type Role, readKeys, type StoredKey, stampOf, writeKeys } from './key-file.js';

/** The id and role of a valid key. */
export interface KeyHolder {
  readonly id: string;
  readonly role: Role;
}

/** In the state directory. */
export const API_KEYS_FILE = 'api-keys.json';

const KEY = /^fovea_([0-9a-f]{12})_([\w-]{43})$/;
const ID_BYTES = 6;
const SECRET_BYTES = 32;
/** A created or revoked key takes effect within this time. */
const REREAD_MS = 1000;

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** The API keys of a state directory. The CLI changes the file while the server runs, so it is read again when it changed. */
export class ApiKeys {
  readonly #path: string;
  #keys: ReadonlyMap<string, StoredKey> = new Map();
  #stamp: string | undefined;
  #isRequired = false;
  #readMs = Number.NEGATIVE_INFINITY;

  /** @throws FoveaError `config_invalid` when the file cannot be read */
  constructor(path: string) {
    this.#path = path;
    this.#refresh();
  }

  /** Whether every prediction needs a key: as soon as the file exists, even when its last key was revoked, and until the
   * process ends. A file that disappears, as with a lost mount, must not open the server. */
  get isRequired(): boolean {
    this.#refresh();
    return this.#isRequired;
  }

  list(): StoredKey[] {
    return readKeys(this.#path);
  }

  /** @returns the key; only its hash is stored */
  async create(name: string, role: Role): Promise<string> {
    const id = randomBytes(ID_BYTES).toString('hex');
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    const sha256 = digest(secret).toString('hex');
    const key: StoredKey = { id, name, role, sha256, created_at: new Date().toISOString() };
    await writeKeys(this.#path, [...this.list(), key]);
    return `fovea_${id}_${secret}`;
  }

  /** @throws FoveaError `not_found` */
  async revoke(id: string): Promise<void> {
    const keys = this.list();
    const rest = keys.filter((key) => key.id !== id);
    if (rest.length === keys.length) throw new FoveaError('not_found', `There is no API key with id ${id}.`);
    await writeKeys(this.#path, rest);
  }

  /** @returns undefined when the key is unknown or was revoked */
  holderOf(key: string): KeyHolder | undefined {
    this.#refresh();
    const [, id = '', secret = ''] = KEY.exec(key) ?? [];
    const stored = this.#keys.get(id);
    if (stored === undefined) return undefined;
    const isRight = timingSafeEqual(digest(secret), Buffer.from(stored.sha256, 'hex'));
    return isRight ? { id, role: stored.role } : undefined;
  }

  #refresh(): void {
    const now = performance.now();
    if (now - this.#readMs < REREAD_MS) return;
    this.#readMs = now;
    const stamp = stampOf(this.#path);
    if (stamp === this.#stamp) return;
    this.#keys = new Map(readKeys(this.#path).map((key) => [key.id, key]));
    this.#stamp = stamp;
    this.#isRequired ||= stamp !== '';
  }
}
