import { readdir, stat } from 'node:fs/promises';
import { FoveaError } from '../../platform/errors.js';
import { CATALOGUE_FILE } from '../catalogue/catalogue-schema.js';
import { ARCHIVE_NAME, archiveSource } from './archive.js';
import type { CatalogueSelection } from './catalogue.js';
import { cifarBinarySource, cifarSplitOf } from './cifar-binary.js';
import { cifar10Source, type DownloadProgress } from './cifar-download.js';
import type { ImageSource } from './dataset.js';
import { folderSource } from './folder.js';
import { idxSource, isIdxFolder } from './idx.js';
import type { LabelCount } from './label-table.js';

export interface OpenOptions {
  /** Folder for downloads. */
  readonly cacheDir: string;
  readonly onProgress?: DownloadProgress;
  /** Required when the data is a catalogue, which holds the images of several models. */
  readonly catalogue?: CatalogueSelection | undefined;
  /** Default: one label an image. */
  readonly labelCount?: LabelCount | undefined;
}

async function openFolder(
  folder: string,
  { catalogue, labelCount }: Pick<OpenOptions, 'catalogue' | 'labelCount'>,
): Promise<ImageSource> {
  const files = await readdir(folder);
  if (files.includes(CATALOGUE_FILE)) {
    if (catalogue !== undefined) {
      // Imported late: it loads SQLite.
      const { catalogueSource } = await import('./catalogue.js');
      return catalogueSource(folder, catalogue);
    }
    throw new FoveaError(
      'dataset_invalid',
      `${folder} is a catalogue of uploads. Reading it requires a model.`,
    );
  }
  if (files.some((file) => cifarSplitOf(file) !== undefined)) return cifarBinarySource(folder);
  return isIdxFolder(files) ? idxSource(folder) : folderSource(folder, labelCount);
}

/**
 * Chooses the reader for a data set: `cifar10`, a folder of images, a folder of CIFAR-10's binary files, a folder of
 * IDX files, a catalogue of uploads, or an archive.
 * @throws FoveaError `dataset_invalid` when it is none of these
 */
export async function openSource(
  name: string,
  { cacheDir, onProgress = () => undefined, catalogue, labelCount }: OpenOptions,
): Promise<ImageSource> {
  if (name === 'cifar10') return cifar10Source(cacheDir, onProgress);
  const found = await stat(name).catch((cause: unknown) => {
    throw new FoveaError('dataset_invalid', `There is no data set at ${name}.`, { cause });
  });
  if (found.isDirectory()) return openFolder(name, { catalogue, labelCount });
  if (ARCHIVE_NAME.test(name)) return archiveSource(name, labelCount);
  throw new FoveaError(
    'dataset_invalid',
    `${name} is no data set: give a folder, a .tar, .tar.gz or .tar.xz, a folder of CIFAR-10's binary or IDX files, or "cifar10".`,
  );
}
