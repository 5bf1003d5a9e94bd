import { FoveaError } from '../../platform/errors.js';
import { findVersions, type ModelsDirs } from './find-versions.js';
import { openVersion } from './open-version.js';

/** A version whose files were compared with its manifest. */
export interface ScannedVersion {
  /** '' when neither its folder nor its manifest names the model. */
  readonly model: string;
  readonly version: number;
  /** The reason why it cannot be served, or null. */
  readonly problem: string | null;
}

/** Verifies every version of the repository.
 * @throws FoveaError `model_invalid` when the repository cannot be read */
export async function scanRepository(modelsDirs: ModelsDirs): Promise<ScannedVersion[]> {
  const scanned: ScannedVersion[] = [];
  // One after another, because predictions need the disk and the processor meanwhile.
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
