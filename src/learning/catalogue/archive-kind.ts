import type { ARCHIVE_KINDS } from './catalogue-schema.js';

export type ArchiveKind = (typeof ARCHIVE_KINDS)[number];

/** Bytes that tell a kind: a local file, or the end of an archive without any. */
const MAGIC: readonly (readonly [ArchiveKind, number, string])[] = [
  ['zip', 0, 'PK\x03\x04'],
  ['zip', 0, 'PK\x05\x06'],
  ['tar.gz', 0, '\x1f\x8b'],
  ['tar.xz', 0, '\xfd7zXZ\0'],
  ['tar', 257, 'ustar'],
];

/** How much of a file `sniffArchive` wants to see. */
export const ARCHIVE_HEAD_BYTES = 262;

/** Tells an archive by its magic bytes, whatever it is called. @returns undefined for what is none */
export function sniffArchive(head: Uint8Array): ArchiveKind | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1');
  return MAGIC.find(([, offset, magic]) => text.startsWith(magic, offset))?.[0];
}
