import type { Images } from './labelled-images.js';

export interface JoinedPart {
  readonly images: Images;
  /** Common class number of each class of this part. */
  readonly numbers: readonly number[];
}

/** Concatenates image sets under common class numbers without copying. */
export class JoinedImages implements Images {
  readonly rowBytes: number;
  readonly length: number;
  readonly #parts: readonly JoinedPart[];

  /** @param parts sets of images of one size */
  constructor(parts: readonly JoinedPart[]) {
    this.rowBytes = parts[0]?.images.rowBytes ?? 0;
    this.length = parts.reduce((sum, { images }) => sum + images.length, 0);
    this.#parts = parts;
  }

  row(index: number): Uint8Array {
    const { part, at } = this.#find(index);
    return part.images.row(at);
  }

  classOf(index: number): number {
    const { part, at } = this.#find(index);
    const classIndex = part.images.classOf(at);
    return part.numbers[classIndex] ?? classIndex;
  }

  fileDigestOf(index: number): string {
    const { part, at } = this.#find(index);
    return part.images.fileDigestOf(at);
  }

  #find(index: number): { part: JoinedPart; at: number } {
    let at = index;
    for (const part of this.#parts) {
      if (at < part.images.length) return { part, at };
      at -= part.images.length;
    }
    throw new RangeError(`There is no image ${index}. This is a bug.`);
  }
}
