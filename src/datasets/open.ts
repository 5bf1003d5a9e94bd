import { readdir, stat } from 'node:fs/promises';
import { FoveaError } from '../errors.js';
import { ARCHIVE_NAME, archiveSource } from './archive.js';
import { cifarBinarySource, cifarSplitOf } from './cifar-binary.js';
import { cifar10Source, type DownloadProgress } from './cifar-download.js';
import type { ImageSource } from './dataset.js';
import { folderSource } from './folder.js';
import { idxSource, isIdxFolder } from './idx.js';

/**
 * Chooses how to read what the user named: `cifar10`, a folder of images, CIFAR-10's binary folder, one of IDX files, or an archive.
 * @throws FoveaError `dataset_invalid` when it is none of these.
 */
export async function openSource(
  name: string,
  cacheDir: string,
  onProgress: DownloadProgress,
): Promise<ImageSource> {
  if (name === 'cifar10') return cifar10Source(cacheDir, onProgress);
  const found = await stat(name).catch((cause: unknown) => {
    throw new FoveaError('dataset_invalid', `There is no data set at ${name}.`, { cause });
  });
  if (found.isDirectory()) {
    const files = await readdir(name);
    if (files.some((file) => cifarSplitOf(file) !== undefined)) return cifarBinarySource(name);
    return isIdxFolder(files) ? idxSource(name) : folderSource(name);
  }
  if (ARCHIVE_NAME.test(name)) return archiveSource(name);
  throw new FoveaError(
    'dataset_invalid',
    `${name} is no data set: give a folder, a .tar, .tar.gz or .tar.xz, a folder of CIFAR-10's binary or IDX files, or "cifar10".`,
  );
}
