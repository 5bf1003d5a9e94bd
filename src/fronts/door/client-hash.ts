import { createHmac, randomBytes } from 'node:crypto';
import { openSecretFile } from '../../platform/secret-file.js';

const SECRET_BYTES = 32;
const HASH_DIGITS = 32;
/** Cached hashes; beyond it the cache is cleared. */
const MAX_REMEMBERED = 1024;

/** Pseudonyms of clients for the history: equal clients have equal hashes. It is an HMAC, because the plain hash of an
 * address could be reversed by trying all addresses. */
export class ClientHash {
  readonly #secret: Buffer;
  readonly #remembered = new Map<string, string>();

  private constructor(secret: Buffer) {
    this.#secret = secret;
  }

  /** @param path file of the secret; created when missing
   * @param onProblem hears that the disk is full: the file is written when there is room */
  static async open(path: string, onProblem?: (error: unknown) => void): Promise<ClientHash> {
    const secret = await openSecretFile({
      path,
      ...(onProblem !== undefined && { onProblem }),
      isValid: ({ length }) => length === SECRET_BYTES,
      create: () => randomBytes(SECRET_BYTES),
    });
    return new ClientHash(secret);
  }

  /** @returns 32 hexadecimal digits */
  of(client: string): string {
    const known = this.#remembered.get(client);
    if (known !== undefined) return known;
    const hash = createHmac('sha256', this.#secret).update(client).digest('hex').slice(0, HASH_DIGITS);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(client, hash);
    return hash;
  }
}
