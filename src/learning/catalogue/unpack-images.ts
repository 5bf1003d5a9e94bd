import { readFile } from 'node:fs/promises';
import type { ArchiveKind } from '../../platform/archives/archive-kind.js';
import { FoveaError } from '../../platform/errors.js';
import { type FolderPlace, isImageName } from '../datasets/folder-layout.js';
import { placeImages } from '../datasets/place-images.js';
import { refuse } from './entry-rules.js';
import { type UnpackedFile, type UnpackRules, unpack } from './unpack.js';

export type UnpackedImage = UnpackedFile & FolderPlace;

export interface UnpackedImages {
  readonly images: readonly UnpackedImage[];
  /** Names of images of a split for which no label table gives labels. */
  readonly leftOut: readonly string[];
}

/** Unpacks an archive, and labels its images by their folders or by its label tables.
 * @throws FoveaError `dataset_invalid`, `too_large` */
export async function unpackImages(
  archivePath: string,
  kind: ArchiveKind,
  directory: string,
  rules: UnpackRules,
): Promise<UnpackedImages> {
  const files: UnpackedFile[] = [];
  for await (const file of unpack(archivePath, kind, directory, rules)) files.push(file);
  const images = files.filter(({ name }) => isImageName(name));
  if (images.length === 0) {
    throw new FoveaError(
      'dataset_invalid',
      'The archive has no images. Put each image into a folder named by its class, such as cat/1.jpg or train/cat/1.jpg.',
    );
  }
  const pathOf = new Map(files.map(({ name, path }) => [name, path]));
  const names = files.map(({ name }) => name);
  const { places, isByTable } = await placeImages(
    names,
    (name) => readFile(pathOf.get(name) ?? '', 'utf8'),
    rules.count,
  );
  const leftOut = images.flatMap(({ name }) => (places.has(name) ? [] : [name]));
  const [first] = leftOut;
  if (first !== undefined && !isByTable)
    throw refuse(first, 'each image must be in a folder named by its class');
  const placed = images.flatMap((image) => {
    const place = places.get(image.name);
    return place === undefined ? [] : [{ ...image, ...place }];
  });
  return { images: placed, leftOut };
}
