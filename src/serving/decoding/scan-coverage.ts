const SEQUENTIAL: readonly number[] = [0xc0, 0xc1];
const PROGRESSIVE = 0xc2;
const COEFFICIENTS = 64;
/** No scan has sent the coefficient yet. */
const MISSING = 255;

/** Which coefficients the scans of a JPEG file have sent so far. A file without end marker is whole only when it has sent
 * all of them in full precision.
 * @source ITU-T T.81, B.2.3 and G.1.1.1 */
export class ScanCoverage {
  /** Undefined before the frame header, and for other codings than Huffman's sequential and progressive one. */
  #marker: number | undefined;
  /** For each component and coefficient the number of low bits that are missing. */
  readonly #missingBits = new Map<number, Uint8Array>();

  /** Takes a frame header.
   * @param segment from its length field on */
  frame(marker: number, segment: Uint8Array): void {
    this.#marker = SEQUENTIAL.includes(marker) || marker === PROGRESSIVE ? marker : undefined;
    this.#missingBits.clear();
    for (let index = 0; index < (segment[7] ?? 0); index++) {
      const id = segment[8 + 3 * index];
      if (id !== undefined) this.#missingBits.set(id, new Uint8Array(COEFFICIENTS).fill(MISSING));
    }
  }

  /** Takes a scan header.
   * @param segment from its length field on */
  scan(segment: Uint8Array): void {
    const components = segment[2] ?? 0;
    const band = 3 + 2 * components;
    const [first, last, lowBits] = this.isSequential
      ? [0, COEFFICIENTS - 1, 0]
      : [segment[band] ?? 0, segment[band + 1] ?? 0, (segment[band + 2] ?? 0) & 0x0f];
    for (let index = 0; index < components; index++) {
      this.#missingBits.get(segment[3 + 2 * index] ?? -1)?.fill(lowBits, first, last + 1);
    }
  }

  get components(): number {
    return this.#missingBits.size;
  }

  get isSequential(): boolean {
    return this.#marker !== undefined && this.#marker !== PROGRESSIVE;
  }

  get isComplete(): boolean {
    if (this.#marker === undefined || this.#missingBits.size === 0) return false;
    return [...this.#missingBits.values()].every((bits) => bits.every((missing) => missing === 0));
  }
}
