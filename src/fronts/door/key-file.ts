import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { replaceFile } from '../../platform/replace-file.js';

export const roleSchema = z.enum(['predict', 'admin']);
/** `admin` may all that `predict` may. */
export type Role = z.infer<typeof roleSchema>;

const storedKeySchema = z.strictObject({
  /** Part of the key itself: tells which line to compare with. */
  id: z.string(),
  name: z.string(),
  role: roleSchema,
  /** SHA-256 of the secret, which is random and long: nothing slower is needed. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  created_at: z.iso.datetime(),
});

export type StoredKey = z.infer<typeof storedKeySchema>;

const fileSchema = z.array(storedKeySchema);

/** @returns nothing where there is no such file
 * @throws FoveaError `config_invalid` */
export function readKeys(path: string): StoredKey[] {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new FoveaError('config_invalid', `${path} holds no API keys that can be read.`, { cause: error });
  }
}

/** Replaces the file as a whole; only its owner may read it. */
export function writeKeys(path: string, keys: readonly StoredKey[]): Promise<void> {
  return replaceFile(path, `${JSON.stringify(keys, null, 2)}\n`, 0o600);
}

/** Changes whenever the file does. */
export function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.mtimeMs}:${stat.ino}:${stat.size}`;
}
