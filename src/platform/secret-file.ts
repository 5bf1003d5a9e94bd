import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FoveaError } from './errors.js';

const MODE = 0o600;
const RETRY_MS = 5000;

export interface SecretFile {
  readonly path: string;
  readonly isValid: (content: Buffer) => boolean;
  readonly create: () => Buffer | string;
  /** For the log: the disk is full, and the secret is not stored yet. */
  readonly onProblem?: (error: unknown) => void;
}

/** @param isDamaged whether the file holds something else, which makes way */
async function store(path: string, secret: Buffer | string, isDamaged: boolean): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(unfinished, secret, { mode: MODE, flush: true });
    if (isDamaged) await rm(path, { force: true });
    // A file that appeared in the meantime stays.
    await link(unfinished, path).catch(() => undefined);
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function storeLater(path: string, secret: Buffer | string): Promise<void> {
  for (let isStored = false; !isStored; ) {
    await sleep(RETRY_MS, undefined, { ref: false });
    isStored = await store(path, secret, false).then(
      () => true,
      () => false,
    );
  }
}

/** Reads a secret from a file of mode 0600, or creates it. Two processes that start at once read the same secret, because
 * `link` fails where the file exists. On a full disk the new secret is stored when there is room.
 * @throws Error when the folder cannot be written, or the file there holds something else */
export async function openSecretFile({ path, isValid, create, onProblem }: SecretFile): Promise<Buffer> {
  const known = await readFile(path).catch(() => undefined);
  if (known === undefined || !isValid(known)) {
    const secret = create();
    try {
      await store(path, secret, known !== undefined);
    } catch (error) {
      if (FoveaError.from(error).code !== 'disk_full') throw error;
      onProblem?.(error);
      void storeLater(path, secret);
      return Buffer.from(secret);
    }
  }
  // A copied state directory may have lost the mode.
  if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, MODE);
  return readFile(path);
}
