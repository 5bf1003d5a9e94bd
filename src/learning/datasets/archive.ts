import { basename } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { TarKind } from '../../platform/archives/tar-entries.js';
import { FoveaError } from '../../platform/errors.js';
import { ClassFolders } from './class-folders.js';
import type { ImageSource, SourceImage } from './dataset.js';
import { type FolderPlace, findPlace, isImageName } from './folder-layout.js';
import { isTableName, type LabelCount } from './label-table.js';
import { type Places, placeImages } from './place-images.js';

const NO_BYTES = new Uint8Array();

export const ARCHIVE_NAME = /\.(tar|tar\.gz|tgz|tar\.xz|txz)$/i;

function kindOf(path: string): TarKind {
  if (/gz$/i.test(path)) return 'tar.gz';
  return /xz$/i.test(path) ? 'tar.xz' : 'tar';
}

/**
 * Yields the files of a tar archive in archive order.
 * @param isRead tells the files whose bytes are wanted; those of others are empty
 * @throws FoveaError `dataset_invalid` when it is damaged
 */
export async function* tarFiles(
  path: string,
  isRead: (name: string) => boolean = () => true,
): AsyncIterable<{ name: string; bytes: Uint8Array }> {
  // Most datasets are folders, whose readers do not wait for it.
  const { tarEntries } = await import('../../platform/archives/tar-entries.js');
  try {
    for await (const { name, type, open } of tarEntries(path, kindOf(path))) {
      if (type === 'file') yield { name, bytes: isRead(name) ? await buffer(await open()) : NO_BYTES };
    }
  } catch (cause) {
    throw new FoveaError('dataset_invalid', `The archive ${basename(path)} is damaged or truncated.`, {
      cause,
    });
  }
}

/** Reads the archive for its names and label tables, because a table may come behind the images. */
async function placesIn(path: string, count: LabelCount): Promise<Places> {
  const isTable = (name: string) => isTableName(name, count);
  const names: string[] = [];
  const tables = new Map<string, string>();
  for await (const { name, bytes } of tarFiles(path, isTable)) {
    names.push(name);
    if (isTable(name)) tables.set(name, Buffer.from(bytes).toString('utf8'));
  }
  return placeImages(names, (name) => Promise.resolve(tables.get(name) ?? ''), count);
}

function imageAt({ className, split = 'train' }: FolderPlace, bytes: Uint8Array): SourceImage {
  return { className, split, bytes };
}

async function* imagesAt(path: string, places: Places['places']): AsyncIterable<SourceImage> {
  for await (const { name, bytes } of tarFiles(path, (file) => places.has(file))) {
    const place = places.get(name);
    if (place !== undefined) yield imageAt(place, bytes);
  }
}

/** Reads image files from a tar archive with the same layout as {@link folderSource}. An archive whose first image lies in a
 * class folder is read once; others are first read for their names and label tables.
 */
export function archiveSource(path: string, count: LabelCount = 'one'): ImageSource {
  return {
    description: 'image files in an archive with a folder per class',
    encoding: 'file',
    async *images(): AsyncIterable<SourceImage> {
      if (count === 'several') return yield* imagesAt(path, (await placesIn(path, count)).places);
      const folders = new ClassFolders();
      let isByFolder: boolean = false;
      for await (const { name, bytes } of tarFiles(path, isImageName)) {
        const place = findPlace(name);
        if (place === undefined) continue;
        folders.add(place);
        isByFolder ||= folders.problem === undefined;
        if (!isByFolder) break;
        yield imageAt(place, bytes);
      }
      if (!isByFolder) yield* imagesAt(path, (await placesIn(path, count)).places);
      else if (folders.problem !== undefined) throw folders.problem;
    },
  };
}
