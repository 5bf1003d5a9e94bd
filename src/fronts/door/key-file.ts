import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { replaceFile } from '../../platform/replace-file.js';

export const roleSchema = z.enum(['predict', 'admin']);
/** `admin` includes `predict`. */
export type Role = z.infer<typeof roleSchema>;

const storedKeySchema = z.strictObject({
  /** Part of the key: it selects the entry to compare with. */
  id: z.string(),
  name: z.string(),
  role: roleSchema,
  /** SHA-256 of the secret. A slow hash is not needed, because the secret has 256 random bits. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  created_at: z.iso.datetime(),
});

export type StoredKey = z.infer<typeof storedKeySchema>;

const fileSchema = z.array(storedKeySchema);

/** @returns no keys when the file does not exist
 * @throws FoveaError `config_invalid` */
export function readKeys(path: string): StoredKey[] {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new FoveaError('config_invalid', `${path} is not a readable file of API keys.`, { cause: error });
  }
}

/** Replaces the file atomically, with mode 0600. */
export function writeKeys(path: string, keys: readonly StoredKey[]): Promise<void> {
  return replaceFile(path, `${JSON.stringify(keys, null, 2)}\n`, 0o600);
}

/** Changes whenever the file does. */
export function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.mtimeMs}:${stat.ino}:${stat.size}`;
}
