import type { Split } from './dataset.js';

const IMAGE_FILE = /\.(jpe?g|png|webp|avif|gif|tiff?)$/i;
const SPLITS: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  test: 'test',
  val: 'test',
  validation: 'test',
};

/**
 * Split and class of an image by its path: `[…/]<split>/<class>/<file>` or `[…/]<class>/<file>`, which is `train`.
 * @returns undefined for what is no image in such a place.
 */
export function placeOf(path: string): { split: Split; className: string } | undefined {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  const file = parts.at(-1);
  const className = parts.at(-2);
  if (file === undefined || className === undefined) return undefined;
  if (file.startsWith('.') || !IMAGE_FILE.test(file)) return undefined;
  return { split: SPLITS[parts.at(-3)?.toLowerCase() ?? ''] ?? 'train', className };
}
