const MAX_VARINT_BYTES = 10;

/** A cursor over a protobuf message. */
interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** @returns -1 where the bytes are no varint; inexact beyond 2^53, which no length reaches */
function readVarint(cursor: Cursor): number {
  let value = 0;
  for (let index = 0; index < MAX_VARINT_BYTES; index++) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined) return -1;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return value;
  }
  return -1;
}

/** Moves behind a field's value. @returns false for malformed bytes and for groups, which proto3 does not have */
function skip(cursor: Cursor, wireType: number): boolean {
  if (wireType === 0) return readVarint(cursor) >= 0;
  if (wireType === 1) cursor.at += 8;
  else if (wireType === 5) cursor.at += 4;
  else if (wireType === 2) {
    const length = readVarint(cursor);
    if (length < 0) return false;
    cursor.at += length;
  } else return false;
  return cursor.at <= cursor.bytes.length;
}

/**
 * Whether a message has at most `limit` fields, its direct parts' own fields included. An element takes 2 bytes on the wire
 * and some hundred in memory, so that a message within the byte limit could take gigabytes.
 * @source https://protobuf.dev/programming-guides/encoding/
 */
export function hasFewFields(bytes: Uint8Array, nested: ReadonlySet<number>, limit: number): boolean {
  let left = limit;
  const count = (part: Uint8Array, depth: number): boolean => {
    const cursor: Cursor = { bytes: part, at: 0 };
    while (cursor.at < part.length) {
      const tag = readVarint(cursor);
      const start = cursor.at;
      if (--left < 0 || tag < 0 || !skip(cursor, tag & 7)) return false;
      if ((tag & 7) !== 2 || depth === 0 || !nested.has(tag >>> 3)) continue;
      const body = { bytes: part, at: start };
      readVarint(body);
      if (!count(part.subarray(body.at, cursor.at), depth - 1)) return false;
    }
    return true;
  };
  return count(bytes, 2);
}
