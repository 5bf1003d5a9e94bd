import type { Dirent } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { FoveaError } from '../../platform/errors.js';

/** A folder that holds a manifest; what it says is not read yet. */
export interface FoundVersion {
  readonly directory: string;
  /** As the folders are called; undefined where the layout has no folder for it, so that only the manifest knows. */
  readonly model: string | undefined;
  readonly version: number | undefined;
}

const VERSION_NAME = /^[1-9]\d*$/;

async function holdsManifest(directory: string): Promise<boolean> {
  return access(join(directory, 'manifest.json')).then(
    () => true,
    () => false,
  );
}

/** Names of the visible folders; `.unfinished-…` is a version that is still being written. Links count: Kubernetes
 * mounts volumes as links. */
async function subfolders(directory: string): Promise<string[]> {
  const isFolder = (entry: Dirent): boolean => entry.isDirectory() || entry.isSymbolicLink();
  const entries = await readdir(directory, { withFileTypes: true });
  return entries
    .filter((entry) => isFolder(entry) && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort();
}

async function versionsIn(directory: string, model: string | undefined): Promise<FoundVersion[]> {
  const found: FoundVersion[] = [];
  for (const name of (await subfolders(directory)).filter((folder) => VERSION_NAME.test(folder))) {
    const version = { directory: join(directory, name), model, version: Number(name) };
    if (await holdsManifest(version.directory)) found.push(version);
  }
  return found;
}

/** One folder, or several of which the first counts where two hold the same version; only the first must exist, and
 * the others know the layout `<model>/<version>/` alone. */
export type ModelsDirs = string | readonly string[];

async function versionsByModel(root: string): Promise<FoundVersion[]> {
  const found: FoundVersion[] = [];
  for (const name of await subfolders(root)) found.push(...(await versionsIn(join(root, name), name)));
  return found;
}

async function versionsOfFirst(root: string): Promise<FoundVersion[]> {
  if (await holdsManifest(root)) return [{ directory: root, model: undefined, version: undefined }];
  try {
    const numbered = await versionsIn(root, undefined);
    return numbered.length > 0 ? numbered : await versionsByModel(root);
  } catch (error) {
    throw new FoveaError('model_invalid', `The model repository "${basename(root)}" cannot be read.`, {
      cause: error,
    });
  }
}

/**
 * Finds every model version of a repository in one of the layouts `<model>/<version>/`, `<version>/`, or one version's
 * files themselves. The repository may be read-only.
 * @throws FoveaError `model_invalid` when the folder cannot be read
 */
export async function findVersions(modelsDirs: ModelsDirs): Promise<FoundVersion[]> {
  const [first = '', ...others] = typeof modelsDirs === 'string' ? [modelsDirs] : modelsDirs;
  const found = await versionsOfFirst(resolve(first));
  for (const other of others) {
    const more = await versionsByModel(resolve(other)).catch(() => []);
    found.push(...more.filter((version) => !found.some((known) => isSame(known, version))));
  }
  return found;
}

function isSame(a: FoundVersion, b: FoundVersion): boolean {
  return a.version === b.version && (a.model ?? b.model) === b.model;
}
