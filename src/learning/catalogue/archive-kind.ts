import type { ARCHIVE_KINDS } from './catalogue-schema.js';

export type ArchiveKind = (typeof ARCHIVE_KINDS)[number];

/** Kind, offset and magic bytes. The second zip entry is the end record of an empty zip. */
const MAGIC: readonly (readonly [ArchiveKind, number, string])[] = [
  ['zip', 0, 'PK\x03\x04'],
  ['zip', 0, 'PK\x05\x06'],
  ['tar.gz', 0, '\x1f\x8b'],
  ['tar.xz', 0, '\xfd7zXZ\0'],
  ['tar', 257, 'ustar'],
];

/** Number of leading bytes that `sniffArchive` needs. */
export const ARCHIVE_HEAD_BYTES = 262;

/** Detects the archive kind by its magic bytes; ignores the file name. @returns undefined when no kind matches */
export function sniffArchive(head: Uint8Array): ArchiveKind | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1');
  return MAGIC.find(([, offset, magic]) => text.startsWith(magic, offset))?.[0];
}
