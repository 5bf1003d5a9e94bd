import { FoveaError } from '../../platform/errors.js';
import { sortClassNames } from './class-numbers.js';
import { type FolderPlace, splitNamed } from './folder-layout.js';

/** Folders that hold images in other layouts, such as YOLO's `train/images/`; alone they name no class. */
const CONTAINERS = new Set(['images', 'image', 'imgs', 'img', 'jpegimages', 'data']);

function isNoClass(name: string): boolean {
  return splitNamed(name) !== undefined || CONTAINERS.has(name.toLowerCase());
}

/**
 * Collects the class folders of a data set, and detects that they are not classes. Kaggle's archives often hold
 * `train/1.jpg` and `test/2.jpg` with the labels in a CSV file; read by folder, their labels would be `train` and `test`.
 * A real class may be called `train` as long as another class folder stands beside it.
 */
export class ClassFolders {
  readonly #inSplits = new Set<string>();
  readonly #alone = new Set<string>();

  add({ className, split }: FolderPlace): void {
    (split === undefined ? this.#alone : this.#inSplits).add(className);
  }

  /** @returns the refusal of a data set where folders of splits stand instead of class folders; undefined for others */
  get problem(): FoveaError | undefined {
    for (const names of [this.#alone, this.#inSplits]) {
      if (names.size === 0 || ![...names].every(isNoClass)) continue;
      const folders = sortClassNames(names).map((name) => `${name}/`);
      return new FoveaError(
        'dataset_invalid',
        `The images in ${folders.join(', ')} have no class folder. Put each image into a folder named by its class, such as train/cat/1.jpg, or add a CSV file with the columns id and label: one row an image, its file name as id.`,
        { details: { folders } },
      );
    }
    return undefined;
  }
}
