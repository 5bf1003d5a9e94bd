import { FoveaError } from '../../platform/errors.js';
import { readAcceptance } from './acceptance.js';
import { findVersions, type ModelsDirs } from './find-versions.js';
import type { ModelVersion } from './model-version.js';
import { openVersion } from './open-version.js';
import type { FoundVersion } from './survey-folder.js';

/** The version that a caller asks for. */
export interface VersionChoice {
  /** Undefined or '': the repository's only model, or the first by name. */
  readonly model?: string | undefined;
  /** Undefined: the highest accepted one. */
  readonly version?: number | undefined;
}

function notFound(message: string, details: Record<string, string | readonly string[]>): FoveaError {
  return new FoveaError('not_found', message, { details });
}

/** The names of a repository's models; empty when its layout has none. */
function modelNames(found: readonly FoundVersion[]): string[] {
  return [...new Set(found.flatMap(({ model }) => model ?? []))];
}

function noSuchVersion(found: readonly FoundVersion[], { model, version }: VersionChoice): FoveaError {
  const models = modelNames(found);
  const isKnown = !model || models.includes(model);
  if (version === undefined || !isKnown)
    return notFound(`The repository has no model "${model}".`, { models });
  const versions = chooseModel(found, model).flatMap((one) => one.version ?? []);
  const name = model ? ` of ${model}` : '';
  return notFound(`The repository has no version ${version}${name}.`, {
    models,
    versions: versions.toSorted((a, b) => a - b).map(String),
  });
}

function chooseModel(found: readonly FoundVersion[], model: string | undefined): FoundVersion[] {
  const models = modelNames(found);
  if (model) return found.filter((version) => version.model === undefined || version.model === model);
  const [first] = models.toSorted((a, b) => (a < b ? -1 : 1));
  return found.filter((version) => version.model === undefined || version.model === first);
}

/** Candidates count only when no version was accepted yet; refused versions never count.
 * @param found in descending order */
async function highestAccepted(found: readonly FoundVersion[]): Promise<FoundVersion | undefined> {
  let candidate: FoundVersion | undefined;
  for (const version of found) {
    const { state } = await readAcceptance(version.directory);
    if (state === 'accepted') return version;
    if (state === 'candidate') candidate ??= version;
  }
  return candidate;
}

/** Finds, reads and verifies one version of a repository.
 * @throws FoveaError `not_found` when no version fits `choice`, `model_invalid` when it is damaged */
export async function resolveVersion(
  modelsDirs: ModelsDirs,
  choice: VersionChoice = {},
): Promise<ModelVersion> {
  const found = await findVersions(modelsDirs);
  if (found.length === 0) {
    const places = [modelsDirs].flat();
    throw notFound(`No model was found in ${places[0]} (FOVEA_MODELS_DIR).`, { models_dirs: places });
  }
  const candidates = chooseModel(found, choice.model)
    .filter(({ version }) => version === undefined || version === (choice.version ?? version))
    .sort((a, b) => (b.version ?? 0) - (a.version ?? 0));
  const best = choice.version === undefined ? await highestAccepted(candidates) : candidates[0];
  const opened = best && (await openVersion(best));
  // Without a folder per model and version, only the manifest names them.
  const isMeant =
    opened &&
    opened.model === (choice.model || opened.model) &&
    opened.version === (choice.version ?? opened.version);
  if (!isMeant) {
    throw noSuchVersion(found, choice);
  }
  return opened;
}
