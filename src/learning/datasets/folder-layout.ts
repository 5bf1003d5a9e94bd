import type { Split } from './dataset.js';

const IMAGE_FILE = /\.(jpe?g|png|webp|avif|gif|tiff?)$/i;
const SPLITS: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  test: 'test',
  val: 'test',
  valid: 'test',
  validation: 'test',
};

/** The split that a folder of this name is; undefined for others. */
export function splitNamed(folder: string): Split | undefined {
  return SPLITS[folder.toLowerCase()];
}

/** The split that the innermost such folder of a path names. */
export function splitOfPath(path: string): Split | undefined {
  return path
    .split('/')
    .slice(0, -1)
    .map(splitNamed)
    .findLast((split) => split !== undefined);
}

/** Split and class that an image's path states. */
export interface FolderPlace {
  readonly className: string;
  /** Undefined when no folder names a split. */
  readonly split: Split | undefined;
}

/** True when a file name is that of an image; hidden files are no images. */
export function isImageName(path: string): boolean {
  return IMAGE_FILE.test(path) && !/(^|\/)\.[^/]*$/.test(path);
}

/**
 * Split and class of an image by its path: `[…/]<split>/<class>/<file>` or `[…/]<class>/<file>`.
 * @returns undefined when the path is not of an image in a class folder
 */
export function findPlace(path: string): FolderPlace | undefined {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  const className = parts.at(-2);
  if (className === undefined || !isImageName(path)) return undefined;
  return { split: splitNamed(parts.at(-3) ?? ''), className };
}
