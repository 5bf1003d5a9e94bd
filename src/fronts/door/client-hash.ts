import { createHmac, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const SECRET_BYTES = 32;
const HASH_DIGITS = 32;
/** Cached hashes; beyond it the cache is cleared. */
const MAX_REMEMBERED = 1024;

/** Reads the secret, or creates it. Two servers that start at once on one state directory get the same secret. */
async function openSecret(path: string): Promise<Buffer> {
  const known = await readFile(path).catch(() => undefined);
  if (known?.length === SECRET_BYTES) return known;
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, randomBytes(SECRET_BYTES), { mode: 0o600, flush: true });
  await link(unfinished, path).catch(() => undefined);
  await rm(unfinished);
  return readFile(path);
}

/** Pseudonyms of clients for the history: equal clients have equal hashes. It is an HMAC, because the plain hash of an
 * address could be reversed by trying all addresses. */
export class ClientHash {
  readonly #secret: Buffer;
  readonly #remembered = new Map<string, string>();

  private constructor(secret: Buffer) {
    this.#secret = secret;
  }

  /** @param path file of the secret; created when missing */
  static async open(path: string): Promise<ClientHash> {
    return new ClientHash(await openSecret(path));
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
