import { randomFillSync } from 'node:crypto';
import { parse, stringify, v7, validate } from 'uuid';
import { FoveaError } from '../../platform/errors.js';

const TIME_BYTES = 6;

/** Random bytes for the next ids: asking the system for each id's own takes longer than all else about it. */
const randomness = Buffer.alloc(16 * 256);
let usedBytes = randomness.length;
let lastMs = 0;
let sequence = 0;

function nextRandom(): Buffer {
  if (usedBytes === randomness.length) {
    randomFillSync(randomness);
    usedBytes = 0;
  }
  usedBytes += 16;
  return randomness.subarray(usedBytes - 16, usedBytes);
}

/** A UUIDv7: ids of one process are in the order in which they were made.
 * @source RFC 9562, 5.7 and 6.2, method 2: a counter that starts at random in each millisecond */
export function newPredictionId(): string {
  const random = nextRandom();
  const nowMs = Date.now();
  if (nowMs > lastMs) {
    lastMs = nowMs;
    // 31 of 32 bits, so that it does not overflow within the millisecond.
    sequence = random.readUInt32BE(6) >>> 1;
  } else sequence += 1;
  return v7({ random, msecs: lastMs, seq: sequence });
}

/** The same id for the same thing: what is imported twice is stored once.
 * @param digest of the thing, at least 16 bytes */
export function predictionIdOf(timeMs: number, digest: Uint8Array): string {
  return v7({
    msecs: timeMs,
    random: digest.subarray(0, 16),
    seq: new DataView(digest.buffer, digest.byteOffset).getUint32(4),
  });
}

/** 16 bytes, in the order of time.
 * @throws FoveaError `not_found` when it is no id at all */
export function toKey(id: string): Buffer {
  if (!validate(id)) throw new FoveaError('not_found', 'There is no such prediction.');
  return Buffer.from(parse(id));
}

export function fromKey(key: Buffer): string {
  return stringify(key);
}

/** Unix time of an id. */
export function timeMsOf(key: Buffer): number {
  return key.readUIntBE(0, TIME_BYTES);
}

/** The least key of that time or later. */
export function firstKeyAt(timeMs: number): Buffer {
  const key = Buffer.alloc(16);
  key.writeUIntBE(Math.min(Math.max(Math.ceil(timeMs), 0), 2 ** (8 * TIME_BYTES) - 1), 0, TIME_BYTES);
  return key;
}
