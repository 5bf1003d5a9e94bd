import type { Images } from './labelled-images.js';

export interface JoinedPart {
  readonly images: Images;
  /** The common number of each of its classes. */
  readonly numbers: readonly number[];
}

/** Images of several sets behind one another, under common class numbers; nothing is copied. */
export class JoinedImages implements Images {
  readonly rowBytes: number;
  readonly length: number;
  readonly #parts: readonly JoinedPart[];

  /** @param parts whose images are all of one size */
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

  #find(index: number): { part: JoinedPart; at: number } {
    let at = index;
    for (const part of this.#parts) {
      if (at < part.images.length) return { part, at };
      at -= part.images.length;
    }
    throw new RangeError(`There is no image ${index}. This is a bug.`);
  }
}
