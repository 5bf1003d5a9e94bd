import { parse, stringify, v7, validate } from 'uuid';
import { FoveaError } from '../../platform/errors.js';
import { nextRandom, UUID_BYTES, uuidText } from '../../platform/uuids.js';

const TIME_BYTES = 6;

let lastMs = 0;
let sequence = 0;

const key = new Uint8Array(UUID_BYTES);

/**
 * Creates a UUIDv7. Ids of one process are strictly increasing.
 * @source RFC 9562, 5.7 and 6.2, method 2: a counter that starts at random in each millisecond
 */
export function newPredictionId(): string {
  const random = nextRandom();
  const nowMs = Date.now();
  if (nowMs > lastMs) {
    lastMs = nowMs;
    // 31 of 32 bits, so that the counter does not overflow within the millisecond.
    sequence = random.readUInt32BE(6) >>> 1;
  } else sequence += 1;
  return uuidText(v7({ random, msecs: lastMs, seq: sequence }, key));
}

/**
 * Derives an id from content, so that a repeated import stores each entry once.
 * @param digest of the content, at least 16 bytes
 */
export function predictionIdOf(timeMs: number, digest: Uint8Array): string {
  return v7({
    msecs: timeMs,
    random: digest.subarray(0, 16),
    seq: new DataView(digest.buffer, digest.byteOffset).getUint32(4),
  });
}

/**
 * The id as 16 bytes, which sort by time.
 * @throws FoveaError `not_found` when it is no UUID
 */
export function toKey(id: string): Buffer {
  if (!validate(id)) throw new FoveaError('not_found', 'There is no such prediction.');
  return Buffer.from(parse(id));
}

export function fromKey(key: Buffer): string {
  return stringify(key);
}

/** The smallest id at or after that time. It has no version, so that `stringify` would refuse it. */
export function firstIdAt(timeMs: number): string {
  const hex = firstKeyAt(timeMs).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Unix time of an id. */
export function timeMsOf(key: Buffer): number {
  return key.readUIntBE(0, TIME_BYTES);
}

/** The smallest key at or after that time. */
export function firstKeyAt(timeMs: number): Buffer {
  const key = Buffer.alloc(16);
  key.writeUIntBE(Math.min(Math.max(Math.ceil(timeMs), 0), 2 ** (8 * TIME_BYTES) - 1), 0, TIME_BYTES);
  return key;
}
