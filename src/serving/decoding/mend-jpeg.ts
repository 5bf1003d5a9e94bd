import { isStartOfFrame } from './dimensions.js';
import { ScanCoverage } from './scan-coverage.js';

/** A JPEG file without the damage that browsers and Pillow ignore. */
export interface MendedJpeg {
  /** The file itself when nothing was changed. */
  readonly bytes: Uint8Array;
  /** One sentence for each kind of damage. */
  readonly warnings: readonly string[];
  /** The end marker was missing. The coded data may be incomplete too: only a decode of all rows shows it. */
  readonly isEndAdded: boolean;
}

interface Edit {
  readonly at: number;
  readonly removed: number;
  readonly inserted: readonly number[];
}

const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;
const JFIF = 0xe0;
const ADOBE = 0xee;
const END_MARKER = [0xff, END_OF_IMAGE] as const;
/** Bytes 0xff that the walk looks at. It runs on the event loop, and this many take some 5 ms. */
const MAX_STEPS = 50_000;

/** RST0 to RST7 and TEM have no length. */
function isWithoutLength(marker: number): boolean {
  return (marker >= 0xd0 && marker <= 0xd7) || marker === 0x01;
}

function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  return Array.from(text).every((letter, index) => bytes[at + index] === letter.charCodeAt(0));
}

/** Walks over the segments of one file and collects edits. */
class JpegWalk {
  readonly #bytes: Uint8Array;
  readonly #edits: Edit[] = [];
  readonly #warnings = new Set<string>();
  readonly #coverage = new ScanCoverage();
  #adobeTransformAt: number | undefined;
  #steps = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  mend(): MendedJpeg {
    const hasEnd = this.#walk();
    const isEndAdded = !hasEnd && this.#steps <= MAX_STEPS && this.#addEnd();
    const bytes = this.#edits.length === 0 ? this.#bytes : this.#edited();
    return { bytes, warnings: [...this.#warnings], isEndAdded };
  }

  /** @returns false when the file ends without end marker */
  #walk(): boolean {
    let at = 2;
    for (;;) {
      const found = this.#nextMarker(at);
      if (found === undefined) return false;
      if (found.isAfterGarbage) {
        this.#edit(at, found.at - at, [], 'Extra bytes before a marker of the JPEG file were skipped.');
      }
      const marker = this.#bytes[found.at + 1] ?? 0;
      at = found.at + 2;
      if (marker === END_OF_IMAGE) return true;
      if (isWithoutLength(marker)) continue;
      const end = at + Math.max(2, this.#uint16(at));
      if (end > this.#bytes.length) return true;
      this.#segment(marker, at, end);
      at = end;
      if (marker !== START_OF_SCAN) continue;
      // The only scan of the file: its data need not be searched for markers.
      if (this.#coverage.isSequential && this.#coverage.isComplete) return this.#hasEndAfter(at);
      at = this.#endOfCodedData(at);
    }
  }

  /** Skips bytes that are no marker, as libjpeg does.
   * @source libjpeg, `next_marker` in jdmarker.c */
  #nextMarker(start: number): { readonly at: number; readonly isAfterGarbage: boolean } | undefined {
    let at = start;
    for (;;) {
      const first = this.#bytes.indexOf(0xff, at);
      if (first === -1) return undefined;
      let code = first + 1;
      while (this.#bytes[code] === 0xff && this.#steps <= MAX_STEPS) {
        this.#steps += 1;
        code += 1;
      }
      this.#steps += 1;
      if (code >= this.#bytes.length || this.#steps > MAX_STEPS) return undefined;
      if (this.#bytes[code] !== 0) return { at: code - 1, isAfterGarbage: first !== start };
      at = code + 1;
    }
  }

  #endOfCodedData(start: number): number {
    for (let at = this.#bytes.indexOf(0xff, start); at !== -1; at = this.#bytes.indexOf(0xff, at + 1)) {
      this.#steps += 1;
      const next = this.#bytes[at + 1] ?? 0;
      if (this.#steps > MAX_STEPS || (next !== 0 && next !== 0xff && !isWithoutLength(next))) return at;
    }
    return this.#bytes.length;
  }

  #hasEndAfter(at: number): boolean {
    const { buffer, byteOffset, length } = this.#bytes;
    return Buffer.from(buffer, byteOffset, length).lastIndexOf(Buffer.from(END_MARKER)) >= at;
  }

  /** @param at of its length field */
  #segment(marker: number, at: number, end: number): void {
    const bytes = this.#bytes;
    if (isStartOfFrame(marker)) {
      this.#coverage.frame(marker, bytes.subarray(at, end));
      this.#mendTransform();
    } else if (marker === START_OF_SCAN) {
      this.#coverage.scan(bytes.subarray(at, end));
      this.#mendScan(end - 3);
    } else if (marker === JFIF && hasText(bytes, at + 2, 'JFIF\0') && bytes[at + 7] !== 1) {
      this.#edit(at + 7, 1, [1], 'The JPEG file has an unknown JFIF version.');
    } else if (marker === ADOBE && end - at >= 14 && hasText(bytes, at + 2, 'Adobe')) {
      this.#adobeTransformAt = at + 13;
    }
  }

  /** Sequential scans hold all coefficients, so decoders ignore these three bytes.
   * @source libjpeg, `start_pass_huff_decoder` in jdhuff.c */
  #mendScan(at: number): void {
    const [first, last, bits] = this.#bytes.subarray(at, at + 3);
    if (!this.#coverage.isSequential || (first === 0 && last === 63 && bits === 0)) return;
    this.#edit(at, 3, [0, 63, 0], 'The JPEG file has invalid scan parameters, which were ignored.');
  }

  /** @source libjpeg, `default_decompress_parms` in jdapimin.c: unknown values mean YCbCr and YCCK */
  #mendTransform(): void {
    if (this.#adobeTransformAt === undefined) return;
    const known = { 3: [1, 0], 4: [2, 0] }[this.#coverage.components];
    const [usual, none] = known ?? [];
    const transform = this.#bytes[this.#adobeTransformAt];
    if (usual === undefined || transform === usual || transform === none) return;
    this.#edit(this.#adobeTransformAt, 1, [usual], 'The JPEG file has an unknown colour transform.');
  }

  /** A file that was cut in the middle stays without end marker, or the decoder finds that coded data is missing. After a
   * cut that was filled with zeros it would find nothing, because zeros are valid coded data. */
  #addEnd(): boolean {
    const { length } = this.#bytes;
    if (!this.#coverage.isComplete || this.#bytes[length - 1] === 0) return false;
    const isHalf = this.#bytes[length - 1] === 0xff;
    this.#edit(isHalf ? length - 1 : length, isHalf ? 1 : 0, END_MARKER, 'The JPEG file has no end marker.');
    return true;
  }

  #edit(at: number, removed: number, inserted: readonly number[], warning: string): void {
    this.#edits.push({ at, removed, inserted });
    this.#warnings.add(warning);
  }

  #edited(): Uint8Array {
    const parts: Uint8Array[] = [];
    let from = 0;
    for (const { at, removed, inserted } of this.#edits.toSorted((a, b) => a.at - b.at)) {
      parts.push(this.#bytes.subarray(from, at), Uint8Array.from(inserted));
      from = at + removed;
    }
    return Buffer.concat([...parts, this.#bytes.subarray(from)]);
  }

  #uint16(at: number): number {
    return (this.#bytes[at] ?? 0) * 256 + (this.#bytes[at + 1] ?? 0);
  }
}

/**
 * Removes damage that does not touch the picture, as some cameras and phones write it: bytes between segments, scan
 * parameters, JFIF version, colour transform, end marker. Missing coded data is not mended, so that a file that was cut is
 * refused.
 */
export function mendJpeg(bytes: Uint8Array): MendedJpeg {
  return new JpegWalk(bytes).mend();
}
