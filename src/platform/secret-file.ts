import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const MODE = 0o600;

export interface SecretFile {
  readonly path: string;
  readonly isValid: (content: Buffer) => boolean;
  readonly create: () => Buffer | string;
}

/** Reads a secret from a file of mode 0600, or creates it. Two processes that start at once read the same secret, because
 * `link` fails where the file exists.
 * @throws Error when the folder cannot be written, or the file there holds something else */
export async function openSecretFile({ path, isValid, create }: SecretFile): Promise<Buffer> {
  await mkdir(dirname(path), { recursive: true });
  const known = await readFile(path).catch(() => undefined);
  if (known === undefined || !isValid(known)) {
    const unfinished = `${path}.${randomUUID()}`;
    await writeFile(unfinished, create(), { mode: MODE, flush: true });
    // A damaged file makes way; a file that appeared in the meantime stays.
    if (known !== undefined) await rm(path, { force: true });
    await link(unfinished, path).catch(() => undefined);
    await rm(unfinished);
  }
  // A copied state directory may have lost the mode.
  if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, MODE);
  return readFile(path);
}
