import { createHmac, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const SECRET_BYTES = 32;
const HASH_DIGITS = 32;
/** Clients whose hashes are remembered; more are hashed again. */
const MAX_REMEMBERED = 1024;

/** Reads the secret, or makes one; two servers of one state directory end with the same. */
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

/** Names clients in the history without naming them: the same client gets the same hash, and without the secret of
 * the state directory nobody can try out addresses. */
export class ClientHash {
  readonly #secret: Buffer;
  readonly #remembered = new Map<string, string>();

  private constructor(secret: Buffer) {
    this.#secret = secret;
  }

  /** @param path of the secret, which is made where there is none */
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
