import { basename, resolve } from 'node:path';
import { FoveaError } from '../../platform/errors.js';
import { type FoundVersion, type IgnoredEntry, surveyFolder } from './survey-folder.js';

/** One folder, or several: when two folders hold the same version, the first folder's counts. Only the first folder must
 * exist; the others have the layout `<model>/<version>/`. */
export type ModelsDirs = string | readonly string[];

export interface Survey {
  readonly versions: readonly FoundVersion[];
  /** Everything in the folders that is not a model version. */
  readonly ignored: readonly IgnoredEntry[];
}

/**
 * Finds every model version of a repository, and everything else in it. An entry that is not a version, such as a dangling
 * link or an unreadable folder, hides no other version. The repository may be read-only.
 * @throws FoveaError `model_invalid` when the first folder cannot be read
 */
export async function surveyRepository(modelsDirs: ModelsDirs): Promise<Survey> {
  const [first = '', ...others] = typeof modelsDirs === 'string' ? [modelsDirs] : modelsDirs;
  const root = resolve(first);
  const found = await surveyFolder(root, 'any').catch((error: unknown) => {
    throw new FoveaError('model_invalid', `The model repository "${basename(root)}" cannot be read.`, {
      cause: error,
    });
  });
  const versions = [...found.versions];
  const ignored = [...found.ignored];
  for (const other of others) {
    // The folder of the server's own versions exists only after the first training.
    const more = await surveyFolder(resolve(other), 'by model').catch(() => ({ versions: [], ignored: [] }));
    versions.push(...more.versions.filter((version) => !versions.some((known) => isSame(known, version))));
    ignored.push(...more.ignored);
  }
  return { versions, ignored };
}

/** The versions of `surveyRepository`.
 * @throws FoveaError `model_invalid` when the first folder cannot be read */
export async function findVersions(modelsDirs: ModelsDirs): Promise<FoundVersion[]> {
  return [...(await surveyRepository(modelsDirs)).versions];
}

function isSame(a: FoundVersion, b: FoundVersion): boolean {
  return a.version === b.version && (a.model ?? b.model) === b.model;
}
