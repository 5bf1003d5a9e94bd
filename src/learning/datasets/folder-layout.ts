import type { Split } from './dataset.js';

const IMAGE_FILE = /\.(jpe?g|png|webp|avif|gif|tiff?)$/i;
const SPLITS: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  test: 'test',
  val: 'test',
  validation: 'test',
};

/** What an image's folders say about it. */
export interface FolderPlace {
  readonly className: string;
  /** Undefined where they do not say. */
  readonly split: Split | undefined;
}

/** Whether a file is an image, by its name; hidden files are none. */
export function isImageName(path: string): boolean {
  return IMAGE_FILE.test(path) && !/(^|\/)\.[^/]*$/.test(path);
}

/**
 * Split and class of an image by its path: `[…/]<split>/<class>/<file>` or `[…/]<class>/<file>`.
 * @returns undefined for what is no image in such a place.
 */
export function findPlace(path: string): FolderPlace | undefined {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  const className = parts.at(-2);
  if (className === undefined || !isImageName(path)) return undefined;
  return { split: SPLITS[parts.at(-3)?.toLowerCase() ?? ''], className };
}

/** As `findPlace`; what is in no split's folder is `train`. */
export function placeOf(path: string): { split: Split; className: string } | undefined {
  const place = findPlace(path);
  return place && { ...place, split: place.split ?? 'train' };
}
