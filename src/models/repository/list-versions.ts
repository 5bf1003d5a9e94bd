import { FoveaError } from '../../platform/errors.js';
import { type Acceptance, readAcceptance } from './acceptance.js';
import { findVersions, type ModelsDirs } from './find-versions.js';
import type { Manifest } from './manifest.js';
import { readFoundManifest } from './open-version.js';

/** A version whose manifest was read. Its files are verified when it is loaded. */
export type ListedVersion =
  | (Listed & { readonly manifest: Manifest })
  | (Listed & { readonly problem: string });

interface Listed {
  readonly model: string;
  readonly version: number;
  readonly acceptance: Acceptance;
}

/** Lists every version of the repository, highest first within each model. Reads the disk on every call.
 * @throws FoveaError `model_invalid` when the repository cannot be read */
export async function listVersions(modelsDirs: ModelsDirs): Promise<ListedVersion[]> {
  const found = await findVersions(modelsDirs);
  const listed = await Promise.all(
    found.map(async (one): Promise<ListedVersion> => {
      const { directory, model, version } = one;
      const acceptance = await readAcceptance(directory);
      try {
        const manifest = await readFoundManifest(one);
        return { model: manifest.model, version: manifest.version, acceptance, manifest };
      } catch (error) {
        const problem = FoveaError.from(error).message;
        return { model: model ?? '', version: version ?? 0, acceptance, problem };
      }
    }),
  );
  return listed.toSorted((a, b) => a.model.localeCompare(b.model) || b.version - a.version);
}
