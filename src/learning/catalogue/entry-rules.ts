import { entryNameProblem, isHiddenEntry } from '../../platform/archives/entry-name.js';
import { FoveaError } from '../../platform/errors.js';
import { isImageName } from '../datasets/folder-layout.js';

const MAX_SHOWN_CHARACTERS = 100;
const NESTED_ARCHIVE = /\.(zip|tar|t?gz|t?xz|t?bz2?|7z|rar|zst)$/i;
/** Files that people and tools leave beside images; they are skipped. */
const NOTE =
  /(^|\/)(readme|licen[cs]e|notice|authors|thumbs\.db|desktop\.ini)[^/]*$|\.(txt|md|json|csv|xml|html?)$/i;

/** The error that refuses an archive because of one entry. */
export function refuse(entry: string, why: string): FoveaError {
  const shown = JSON.stringify(entry).slice(0, MAX_SHOWN_CHARACTERS);
  return new FoveaError('dataset_invalid', `The archive's entry ${shown} is refused: ${why}.`, {
    details: { entry: entry.slice(0, MAX_SHOWN_CHARACTERS) },
  });
}

/**
 * Tells images from hidden files and notes, which are skipped.
 * @throws FoveaError `dataset_invalid` for absolute paths, `..`, archives, and files of other kinds
 */
export function isImageEntry(name: string): boolean {
  const problem = entryNameProblem(name);
  if (problem !== undefined) throw refuse(name, problem);
  if (isHiddenEntry(name)) return false;
  if (NESTED_ARCHIVE.test(name)) throw refuse(name, 'archives within archives are not unpacked');
  if (isImageName(name)) return true;
  if (NOTE.test(name)) return false;
  throw refuse(name, 'its name has no extension of an image file');
}
