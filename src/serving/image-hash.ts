import { hash, webcrypto } from 'node:crypto';

/** Hashed in a quarter of a millisecond; what is larger is hashed on one of libuv's threads, beside its decoding. */
const MAX_BYTES_AT_ONCE = 128 * 1024;

export function isHashedAtOnce(bytes: Uint8Array): boolean {
  return bytes.length <= MAX_BYTES_AT_ONCE;
}

/** SHA-256, 64 hexadecimal digits. */
export function hashAtOnce(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

/** The same, off the event loop. */
export async function hashElsewhere(bytes: Uint8Array): Promise<string> {
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex');
}
