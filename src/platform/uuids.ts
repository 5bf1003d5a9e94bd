import { randomFillSync } from 'node:crypto';

export const UUID_BYTES = 16;

/** Random bytes for the next ids, because asking the system per id takes longer than the rest of an id. */
const randomness = Buffer.alloc(UUID_BYTES * 256);
let usedBytes = randomness.length;

/** 16 random bytes, valid until the next call. */
export function nextRandom(): Buffer {
  if (usedBytes === randomness.length) {
    randomFillSync(randomness);
    usedBytes = 0;
  }
  usedBytes += UUID_BYTES;
  return randomness.subarray(usedBytes - UUID_BYTES, usedBytes);
}

/** The two digits of each byte, as ASCII. */
const DIGITS = Buffer.from(
  Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0')).join(''),
);
/** Places of the digits of each byte: there is a hyphen before the bytes 4, 6, 8 and 10. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const text = Buffer.alloc(36, '-');

/** The text of a UUID, in one piece: joined of its parts by `+`, V8 would keep the parts too, ten times the memory. */
export function uuidText(bytes: Uint8Array): string {
  for (let index = 0; index < UUID_BYTES; index++) {
    const digits = 2 * (bytes[index] ?? 0);
    const place = PLACES[index] ?? 0;
    text[place] = DIGITS[digits] ?? 0;
    text[place + 1] = DIGITS[digits + 1] ?? 0;
  }
  return text.toString('latin1');
}

/** A random UUID.
 * @source RFC 9562, 5.4 */
export function randomUuid(): string {
  const bytes = nextRandom();
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return uuidText(bytes);
}
