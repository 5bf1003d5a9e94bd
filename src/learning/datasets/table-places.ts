import { FoveaError } from '../../platform/errors.js';
import { type FolderPlace, splitOfPath } from './folder-layout.js';
import { type LabelTable, stemOf } from './label-table.js';

/**
 * Split and class of each image by label tables. A table whose name begins with a split, such as `trainLabels.csv`, labels
 * the images below the folder of that split, another table all images. Images of a split without a table are left out,
 * as Kaggle gives no labels for `test/`.
 * @param paths of all images
 * @returns the places by path
 * @throws FoveaError `dataset_invalid` for an image without label, a row without image, and two images of one row
 */
export function placesByTables(
  paths: readonly string[],
  tables: readonly LabelTable[],
): ReadonlyMap<string, FolderPlace> {
  const places = new Map<string, FolderPlace>();
  for (const table of tables) {
    const ofSplit = paths.filter((path) => splitOfPath(path) === table.split);
    const covered = table.split === undefined || ofSplit.length === 0 ? paths : ofSplit;
    for (const [path, className] of labelled(covered, table)) {
      const earlier = places.get(path);
      if (earlier !== undefined && earlier.className !== className)
        throw invalid(`${path} has two labels: ${earlier.className}, and ${className} in ${table.name}`);
      places.set(path, { className, split: splitOfPath(path) ?? table.split });
    }
  }
  return places;
}

/** @throws FoveaError `dataset_invalid` when images and rows do not match one to one */
function labelled(paths: readonly string[], { name, labels }: LabelTable): Map<string, string> {
  const byStem = new Map<string, string>();
  const found = new Map<string, string>();
  const unlabelled: string[] = [];
  for (const path of paths) {
    const stem = stemOf(path);
    const label = labels.get(stem);
    const twin = byStem.get(stem);
    if (label === undefined) unlabelled.push(path);
    else if (twin === undefined) found.set(path, label);
    else throw invalid(`The row of ${stem} in ${name} may mean ${twin} or ${path}`);
    byStem.set(stem, path);
  }
  if (unlabelled.length > 0) throw invalid(`${name} has no label for ${first(unlabelled)}`);
  const missing = [...labels.keys()].filter((stem) => !byStem.has(stem));
  if (missing.length > 0) throw invalid(`${name} has a row without image: ${first(missing)}`);
  return found;
}

function first(names: readonly string[]): string {
  const [name, ...others] = names;
  return others.length === 0 ? `${name}` : `${name} and ${others.length} more`;
}

function invalid(message: string): FoveaError {
  return new FoveaError('dataset_invalid', `${message}.`);
}
