import { type Entry, openPromise, type ZipFile } from 'yauzl';
import type { ArchiveEntry } from '../../platform/archives/archive-entry.js';
import { refuse } from './entry-rules.js';

/** @source APPNOTE.TXT 4.4.5 */
const STORED = 0;
const DEFLATED = 8;
/** @source inode(7): file type bits, in the upper 16 bits of the external attributes of archives made on Unix */
const FILE_TYPE = 0o170000;
const REGULAR = 0o100000;
const DIRECTORY = 0o040000;

function typeOf({ fileName, externalFileAttributes }: Entry): ArchiveEntry['type'] {
  const unixType = (externalFileAttributes >>> 16) & FILE_TYPE;
  if (fileName.endsWith('/') || unixType === DIRECTORY) return 'directory';
  return unixType === 0 || unixType === REGULAR ? 'file' : 'other';
}

function toArchiveEntry(zip: ZipFile, entry: Entry): ArchiveEntry {
  const { fileName: name, compressionMethod } = entry;
  return {
    name,
    type: typeOf(entry),
    open: () => {
      if (entry.isEncrypted()) throw refuse(name, 'it is encrypted');
      if (compressionMethod !== STORED && compressionMethod !== DEFLATED)
        throw refuse(name, `its compression method ${compressionMethod} is not supported; use deflate`);
      return zip.openReadStreamPromise(entry);
    },
  };
}

/**
 * Yields the entries of a zip archive in the order of its directory.
 * @param onCount gets the number of entries that the directory states, before any is read; may throw
 */
export async function* zipEntries(
  path: string,
  onCount: (entries: number) => void,
): AsyncGenerator<ArchiveEntry> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false, strictFileNames: true });
  try {
    onCount(zip.entryCount);
    for await (const entry of zip.eachEntry()) yield toArchiveEntry(zip, entry);
  } finally {
    zip.close();
  }
}
