import { FoveaError } from '../../platform/errors.js';
import { checkPlan } from '../engines/check-plan.js';
import { openModel } from '../formats/open-model.js';
import { type ModelsDirs, surveyRepository } from '../repository/find-versions.js';
import { openVersion } from '../repository/open-version.js';
import type { FoundVersion, IgnoredEntry } from '../repository/survey-folder.js';

/** A version whose files and weights were verified. */
export interface ScannedVersion {
  /** '' when neither its folder nor its manifest names the model. */
  readonly model: string;
  readonly version: number;
  /** The reason why it cannot be served, or null. */
  readonly problem: string | null;
}

export interface Scan {
  readonly versions: readonly ScannedVersion[];
  /** Entries that are not model versions. */
  readonly ignored: readonly IgnoredEntry[];
}

/** Verifies every version of the repository: its manifest, the digests of its files, and its weights. Only loading the
 * version also verifies that an engine can execute it.
 * @throws FoveaError `model_invalid` when the repository cannot be read */
export async function scanRepository(modelsDirs: ModelsDirs): Promise<Scan> {
  const { versions, ignored } = await surveyRepository(modelsDirs);
  const scanned: ScannedVersion[] = [];
  // One after another, because predictions need the disk and the processor meanwhile.
  for (const found of versions) scanned.push(await scanVersion(found));
  return { versions: scanned, ignored };
}

async function scanVersion(found: FoundVersion): Promise<ScannedVersion> {
  try {
    const version = await openVersion(found);
    const compiled = await (await openModel(version)).plan();
    if ('plan' in compiled) checkPlan(compiled.plan, version.manifest);
    return { model: version.model, version: version.version, problem: null };
  } catch (error) {
    const { model = '', version = 0 } = found;
    return { model, version, problem: FoveaError.from(error).message };
  }
}
