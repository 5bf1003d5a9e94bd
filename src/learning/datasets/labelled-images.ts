import { createHash } from 'node:crypto';
import { type PixelStore, PixelsInMemory } from './pixel-store.js';

/** Decoded images with their classes. */
export interface Images {
  /** height × width × channels */
  readonly rowBytes: number;
  readonly length: number;
  /** Image `index`: uint8 `[height, width, channels]`, 0..255; valid until the next call. */
  row(index: number): Uint8Array;
  classOf(index: number): number;
  /** SHA-256 of the image's file, without its class. */
  fileDigestOf(index: number): string;
}

/** One set of images. A `PixelStore` holds the pixels, by default in memory. */
export class LabelledImages implements Images {
  readonly rowBytes: number;
  readonly #pixels: PixelStore;
  #classes: number[] = [];
  readonly #digests: string[] = [];

  constructor(rowBytes: number, pixels: PixelStore = new PixelsInMemory(rowBytes)) {
    this.rowBytes = rowBytes;
    this.#pixels = pixels;
  }

  get length(): number {
    return this.#classes.length;
  }

  /**
   * @param pixels uint8 `[height, width, channels]`; copied.
   * @param digest `<class>:<hash of the file>`; identifies the image and its class independent of the order
   */
  append(pixels: Uint8Array, classIndex: number, digest: string): void {
    this.#pixels.append(pixels);
    this.#classes.push(classIndex);
    this.#digests.push(digest);
  }

  row(index: number): Uint8Array {
    return this.#pixels.read(index);
  }

  classOf(index: number): number {
    const classIndex = this.#classes[index];
    if (classIndex === undefined) throw new RangeError(`There is no image ${index}. This is a bug.`);
    return classIndex;
  }

  fileDigestOf(index: number): string {
    const digest = this.#digests[index] ?? '';
    return digest.slice(digest.lastIndexOf(':') + 1);
  }

  /** Copies the images with these indices to a new set. */
  pick(indices: Iterable<number>): LabelledImages {
    const picked = new LabelledImages(this.rowBytes);
    for (const index of indices)
      picked.append(this.row(index), this.classOf(index), this.#digests[index] ?? '');
    return picked;
  }

  /** Changes class `index` to `finalIndex[index]`. */
  renumberClasses(finalIndex: readonly number[]): void {
    this.#classes = this.#classes.map((classIndex) => finalIndex[classIndex] ?? classIndex);
  }

  /** SHA-256 over all images and their classes; independent of the order. */
  fingerprint(): string {
    const hash = createHash('sha256');
    for (const digest of this.#digests.toSorted((a, b) => (a < b ? -1 : 1))) hash.update(digest).update('\n');
    return hash.digest('hex');
  }
}
