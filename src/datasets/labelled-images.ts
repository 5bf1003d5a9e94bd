import { createHash } from 'node:crypto';

const ROWS_PER_CHUNK = 4096;

/**
 * Decoded images with their classes, kept as uint8 so that 50,000 CIFAR images take 154 MB.
 *
 * Rows lie in chunks: the set grows while an archive streams in, and nothing is ever copied to grow it.
 */
export class LabelledImages {
  /** height × width × channels */
  readonly rowBytes: number;
  readonly #chunks: Uint8Array[] = [];
  #classes: number[] = [];
  readonly #digests: string[] = [];

  constructor(rowBytes: number) {
    this.rowBytes = rowBytes;
  }

  get length(): number {
    return this.#classes.length;
  }

  /** @param pixels uint8 `[height, width, channels]`; copied.
   * @param digest identifies the image and its class, whatever its place in the set. */
  append(pixels: Uint8Array, classIndex: number, digest: string): void {
    const index = this.length;
    if (index % ROWS_PER_CHUNK === 0) this.#chunks.push(new Uint8Array(ROWS_PER_CHUNK * this.rowBytes));
    this.#classes.push(classIndex);
    this.#digests.push(digest);
    this.row(index).set(pixels);
  }

  /** A view on image `index`: uint8 `[height, width, channels]`, 0..255. */
  row(index: number): Uint8Array {
    const chunk = this.#chunks[Math.floor(index / ROWS_PER_CHUNK)];
    if (chunk === undefined) throw new RangeError(`There is no image ${index}. This is a bug.`);
    const start = (index % ROWS_PER_CHUNK) * this.rowBytes;
    return chunk.subarray(start, start + this.rowBytes);
  }

  classOf(index: number): number {
    const classIndex = this.#classes[index];
    if (classIndex === undefined) throw new RangeError(`There is no image ${index}. This is a bug.`);
    return classIndex;
  }

  /** A set of these images alone, which shares nothing with this one. */
  pick(indices: Iterable<number>): LabelledImages {
    const picked = new LabelledImages(this.rowBytes);
    for (const index of indices)
      picked.append(this.row(index), this.classOf(index), this.#digests[index] ?? '');
    return picked;
  }

  /** Gives class `index` the number `finalIndex[index]`. */
  renumberClasses(finalIndex: readonly number[]): void {
    this.#classes = this.#classes.map((classIndex) => finalIndex[classIndex] ?? classIndex);
  }

  /** sha256 over the images and their classes; the order in which they were read does not matter. */
  fingerprint(): string {
    const hash = createHash('sha256');
    for (const digest of this.#digests.toSorted((a, b) => (a < b ? -1 : 1))) hash.update(digest).update('\n');
    return hash.digest('hex');
  }
}
