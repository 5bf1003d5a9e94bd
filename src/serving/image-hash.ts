import { hash, webcrypto } from 'node:crypto';

/** SHA-256 of 32 KiB takes some 0.06 ms, and a batch request may hold hundreds of files. Larger files are hashed on a libuv thread while they are decoded. */
const MAX_INLINE_BYTES = 32 * 1024;

export function isHashedInline(bytes: Uint8Array): boolean {
  return bytes.length <= MAX_INLINE_BYTES;
}

/** SHA-256, 64 hexadecimal digits. */
export function hashInline(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

/** Same as `hashInline`, on a libuv thread. */
export async function hashOffThread(bytes: Uint8Array): Promise<string> {
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex');
}
