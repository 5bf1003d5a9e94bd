const BYTES = Uint32Array.BYTES_PER_ELEMENT;

/** `classes.ref` as uint32 little-endian, in this order. */
export function packRefs(refs: readonly number[]): Buffer {
  const packed = Buffer.allocUnsafe(refs.length * BYTES);
  refs.forEach((ref, place) => {
    packed.writeUInt32LE(ref, place * BYTES);
  });
  return packed;
}

export function unpackRefs(packed: Buffer): number[] {
  return Array.from({ length: packed.length / BYTES }, (_, place) => packed.readUInt32LE(place * BYTES));
}
