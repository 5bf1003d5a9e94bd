import { open } from 'node:fs/promises';

export const ARCHIVE_KINDS = ['zip', 'tar', 'tar.gz', 'tar.xz'] as const;

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
const HEAD_BYTES = 262;

/** Detects the archive kind by its magic bytes; ignores the file name. @returns undefined when no kind matches */
export function sniffArchive(head: Uint8Array): ArchiveKind | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, HEAD_BYTES)).toString(
    'latin1',
  );
  return MAGIC.find(([, offset, magic]) => text.startsWith(magic, offset))?.[0];
}

/** `sniffArchive` of a file. */
export async function archiveKindOf(path: string): Promise<ArchiveKind | undefined> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return sniffArchive(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}
