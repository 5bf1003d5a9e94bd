import { ClassFolders } from './class-folders.js';
import { type FolderPlace, findPlace, isImageName } from './folder-layout.js';
import { isTableName, type LabelCount, type LabelTable, readLabelTable } from './label-table.js';
import { placesByTables } from './table-places.js';

export interface Places {
  /** By path; files that are no images of a class are left out. */
  readonly places: ReadonlyMap<string, FolderPlace>;
  /** Whether label tables gave the classes, not folders. */
  readonly isByTable: boolean;
}

/**
 * Split and class of each image of a data set: by its folders, or by label tables where no folder names a class. With several
 * labels an image, tables have priority, because a folder names one label only.
 * @param paths of all files, separated by `/`
 * @param readText the text of a file
 * @throws FoveaError `dataset_invalid` when neither folders nor tables give labels
 */
export async function placeImages(
  paths: readonly string[],
  readText: (path: string) => Promise<string>,
  count: LabelCount = 'one',
): Promise<Places> {
  const byFolder = new Map<string, FolderPlace>();
  const folders = new ClassFolders();
  for (const path of paths) {
    const place = findPlace(path);
    if (place === undefined) continue;
    folders.add(place);
    byFolder.set(path, place);
  }
  const { problem } = folders;
  const isByFolder = problem === undefined && byFolder.size > 0;
  if (isByFolder && count === 'one') return { places: byFolder, isByTable: false };
  const tables: LabelTable[] = [];
  for (const path of paths.filter((each) => isTableName(each, count))) {
    const table = readLabelTable(path, await readText(path), count);
    if (table !== undefined) tables.push(table);
  }
  if (tables.length > 0)
    return { places: placesByTables(paths.filter(isImageName), tables), isByTable: true };
  if (problem !== undefined) throw problem;
  return { places: byFolder, isByTable: false };
}
