import { FoveaError } from '../../platform/errors.js';
import { findVersions, type ModelsDirs } from './find-versions.js';
import { openVersion } from './open-version.js';

/** A version of the repository, every file of it compared with its manifest. */
export interface ScannedVersion {
  /** '' where neither its folder nor a manifest tells. */
  readonly model: string;
  readonly version: number;
  /** Why it cannot be served; null when it can. */
  readonly problem: string | null;
}

/** Verifies every version of the repository.
 * @throws FoveaError `model_invalid` when the repository cannot be read */
export async function scanRepository(modelsDirs: ModelsDirs): Promise<ScannedVersion[]> {
  const scanned: ScannedVersion[] = [];
  // One by one: this runs beside predictions.
  for (const found of await findVersions(modelsDirs)) {
    try {
      const { model, version } = await openVersion(found);
      scanned.push({ model, version, problem: null });
    } catch (error) {
      const { model = '', version = 0 } = found;
      scanned.push({ model, version, problem: FoveaError.from(error).message });
    }
  }
  return scanned;
}
