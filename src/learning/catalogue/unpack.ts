import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ArchiveEntry } from '../../platform/archives/archive-entry.js';
import type { ArchiveKind } from '../../platform/archives/archive-kind.js';
import { FoveaError, isSystemError } from '../../platform/errors.js';
import { isTableName, type LabelCount } from '../datasets/label-table.js';
import { isImageEntry, refuse } from './entry-rules.js';
import { UnpackBudget, type UnpackLimits } from './unpack-budget.js';

/** An image or a label table. */
export interface UnpackedFile {
  /** Path of the unpacked file. */
  readonly path: string;
  /** Path within the archive. */
  readonly name: string;
}

export interface UnpackRules {
  readonly limits: UnpackLimits;
  /** Which files are label tables. */
  readonly count: LabelCount;
}

/** Loads the reader of this kind only. */
async function* entriesOf(
  archivePath: string,
  kind: ArchiveKind,
  budget: UnpackBudget,
): AsyncGenerator<ArchiveEntry> {
  if (kind === 'zip') {
    const { zipEntries } = await import('./zip-entries.js');
    yield* zipEntries(archivePath, (entries) => budget.checkCount(entries));
  } else {
    const { tarEntries } = await import('../../platform/archives/tar-entries.js');
    yield* tarEntries(archivePath, kind);
  }
}

/**
 * Unpacks the images and label tables of an archive. Files are named by number, because no name from the
 * archive may become a path.
 * @throws FoveaError `dataset_invalid` for entries that are refused, and for a damaged archive; `too_large`
 */
export async function* unpack(
  archivePath: string,
  kind: ArchiveKind,
  directory: string,
  { limits, count }: UnpackRules,
): AsyncGenerator<UnpackedFile> {
  const { size } = await stat(archivePath);
  const budget = new UnpackBudget(limits, size);
  const seen = new Set<string>();
  try {
    for await (const entry of entriesOf(archivePath, kind, budget)) {
      const { name, type } = entry;
      budget.takeEntry();
      if (type === 'directory') continue;
      if (type === 'other') throw refuse(name, 'links and devices are not unpacked');
      const isImage = isImageEntry(name);
      if (!isImage && !isTableName(name, count)) continue;
      if (isImage) budget.takeFile();
      if (seen.has(name)) throw refuse(name, 'the archive has two entries of this name');
      const path = join(directory, String(seen.size));
      seen.add(name);
      const file = createWriteStream(path);
      await pipeline(await entry.open(), budget.meter(name), file);
      if (file.bytesWritten === 0) throw refuse(name, 'it is empty');
      yield { path, name: name.replace(/^(\.\/)+/, '') };
    }
  } catch (cause) {
    if (cause instanceof FoveaError) throw cause;
    // Errors of the file system pass, because they are not caused by the archive.
    if (isSystemError(cause)) throw cause;
    const why = cause instanceof Error ? `: ${cause.message.slice(0, 200)}` : '';
    throw new FoveaError(
      'dataset_invalid',
      `The archive is damaged, truncated, or of an unsupported kind${why}.`,
      {
        cause,
      },
    );
  }
}
