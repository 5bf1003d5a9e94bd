import { readFile } from 'node:fs/promises';
import { FoveaError } from '../../platform/errors.js';
import { type FolderPlace, isImageName } from '../datasets/folder-layout.js';
import { placeImages } from '../datasets/place-images.js';
import type { ArchiveKind } from './archive-kind.js';
import { refuse } from './entry-rules.js';
import { type UnpackedFile, unpack } from './unpack.js';
import type { UnpackLimits } from './unpack-budget.js';

export type UnpackedImage = UnpackedFile & FolderPlace;

/** Unpacks an archive, and labels its images by their folders or by its label tables.
 * @throws FoveaError `dataset_invalid`, `too_large` */
export async function unpackImages(
  archivePath: string,
  kind: ArchiveKind,
  directory: string,
  limits: UnpackLimits,
): Promise<UnpackedImage[]> {
  const files: UnpackedFile[] = [];
  for await (const file of unpack(archivePath, kind, directory, limits)) files.push(file);
  const images = files.filter(({ name }) => isImageName(name));
  if (images.length === 0) {
    throw new FoveaError(
      'dataset_invalid',
      'The archive has no images. Put each image into a folder named by its class, such as cat/1.jpg or train/cat/1.jpg.',
    );
  }
  const pathOf = new Map(files.map(({ name, path }) => [name, path]));
  const names = files.map(({ name }) => name);
  const { places, isByTable } = await placeImages(names, (name) => readFile(pathOf.get(name) ?? '', 'utf8'));
  return images.flatMap((image) => {
    const place = places.get(image.name);
    if (place !== undefined) return [{ ...image, ...place }];
    if (isByTable) return [];
    throw refuse(image.name, 'each image must be in a folder named by its class');
  });
}
