import { basename, dirname } from 'node:path';

/** Folders of a SavedModel: every other file lies in the version's folder itself. */
const FOLDERS: ReadonlySet<string> = new Set(['.', 'variables', 'assets']);

/** Whether a name of a manifest stands for a file inside the version's folder. */
export function isVersionFile(name: string): boolean {
  const [folder, file] = [dirname(name), basename(name)];
  return FOLDERS.has(folder) && file !== '..' && name === (folder === '.' ? file : `${folder}/${file}`);
}
