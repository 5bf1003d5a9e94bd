/** Damages files, the same way with each run: flips, replaces, inserts and removes bytes, and cuts. */
export class Mutations {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** @returns an integer of 0..`bound` - 1
   * @source Numerical Recipes, 7.1: a linear congruential generator; its upper bits are random enough */
  below(bound: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * bound);
  }

  of(file: Uint8Array): Uint8Array {
    let bytes: Buffer = Buffer.from(file);
    for (let left = 1 + this.below(6); left > 0; left--) {
      // Half of the changes hit the header.
      const at = this.below(this.below(2) === 0 ? Math.min(bytes.length, 128) : bytes.length);
      bytes = this.#changed(bytes, at);
      if (bytes.length === 0) return Uint8Array.of(this.below(256));
    }
    return bytes;
  }

  #changed(bytes: Buffer, at: number): Buffer {
    const start = bytes.subarray(0, at);
    switch (this.below(8)) {
      case 0:
        return start;
      case 1:
        return Buffer.concat([start, bytes.subarray(at + 1 + this.below(16))]);
      case 2:
        return Buffer.concat([start, Buffer.from([this.below(256)]), bytes.subarray(at)]);
      case 3:
        return Buffer.concat([
          start,
          Buffer.from([bytes.readUInt8(at) ^ (1 << this.below(8))]),
          bytes.subarray(at + 1),
        ]);
      default:
        return Buffer.concat([start, Buffer.from([this.below(256)]), bytes.subarray(at + 1)]);
    }
  }
}
