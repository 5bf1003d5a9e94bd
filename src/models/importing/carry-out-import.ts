import { tryModel } from '../engines/try-model.js';
import { findWritable } from '../repository/find-writable.js';
import { writeVersion } from '../repository/write-version.js';
import type { Facts } from './facts.js';
import { inTemporaryVersion, type ReadModel, readModel } from './import-model.js';
import type { ImportReport } from './import-report.js';
import type { ImportSettings } from './import-settings.js';
import { setUpEngine } from './set-up-engine.js';

export interface ImportOptions {
  readonly isDryRun: boolean;
  /** Hears each line of the set-up of an engine that the model needs. */
  readonly onStep: (line: string) => void;
}

export interface Imported {
  readonly report: ImportReport;
  /** Of the new version; null in a dry run. */
  readonly directory: string | null;
}

/** Reads, tries and writes a model, in a process that serves nothing.
 * @param facts what a person states; what files and the network state is added
 * @throws FoveaError as `readModel`; `engine_unavailable` */
export async function carryOutImport(
  path: string,
  facts: Facts,
  settings: ImportSettings,
  { isDryRun, onStep }: ImportOptions,
): Promise<Imported> {
  const model = await readModel(path, facts, settings.limits);
  if (model.planProblem !== null) await setUpEngine(model.format, onStep);
  const { choice, calibrationsDir } = settings;
  const tried = await inTemporaryVersion(model, (version) =>
    tryModel(version, { ...choice, calibrationsDir }),
  );
  const written = isDryRun ? null : await write(model, settings);
  const report = {
    model: model.draft.model,
    version: written?.version ?? null,
    format: model.kind,
    facts: model.facts,
    engine: tried.engine,
    device: tried.device,
    precision: tried.precision,
    images_per_second: tried.imagesPerSecond,
    memory_bytes: tried.memoryBytes,
    plan_problem: model.planProblem,
    passed_over: tried.passedOver,
  };
  return { report, directory: written?.directory ?? null };
}

async function write(
  { draft, versionFiles }: ReadModel,
  { modelsDirs, isReadOnly }: ImportSettings,
): Promise<{ version: number; directory: string }> {
  const { modelsDir, otherDirs } = await findWritable(modelsDirs, isReadOnly);
  return writeVersion(modelsDir, draft, versionFiles, { otherDirs });
}
