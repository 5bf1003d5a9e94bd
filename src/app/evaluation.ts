import { resolve } from 'node:path';
import { ChartProcess } from '../insight/charts/chart-process.js';
import { chartSources } from '../insight/charts/chart-sources.js';
import { Pictures } from '../insight/charts/pictures.js';
import type { DriftReader } from '../insight/drift/drift-reader.js';
import type { History } from '../insight/history/history.js';
import { Evaluating } from '../learning/evaluation/evaluating.js';
import { Evaluations } from '../learning/evaluation/evaluations.js';
import type { AskState } from '../learning/state/state-calls.js';
import type { TrainingJobs } from '../learning/training/jobs.js';
import type { ModelVersion } from '../models/repository/model-version.js';
import { versionDigest } from '../models/repository/version-digest.js';
import { calibrationsDirOf, modelsDirsOf } from './config/derived.js';
import type { Surroundings } from './surroundings.js';

/** Evaluations, one at a time, in a process of their own. */
export function makeEvaluations({ config, log, env }: Surroundings, ask: AskState): Evaluations {
  const { evaluation } = config;
  return new Evaluations({
    ask,
    env,
    timeoutMs: evaluation.timeoutMs,
    onEnd: ({ id, state, accuracy, error }) =>
      log.info({ evaluation: id, state, accuracy, error }, 'evaluation ended'),
    onProblem: (error) => log.error({ err: error }, 'evaluations could not be kept or read'),
  });
}

/** What clients may have evaluated.
 * @param served the version that is meant where a request names none */
export function makeEvaluating(
  { config }: Surroundings,
  { evaluations, served }: { readonly evaluations: Evaluations; readonly served: () => ModelVersion },
): Evaluating {
  const { storage, training, inference, images } = config;
  return new Evaluating({
    evaluations,
    modelsDirs: modelsDirsOf(config),
    stateDir: storage.stateDir,
    cacheDir: storage.cacheDir,
    data: training.data,
    calibrationsDir: calibrationsDirOf(config),
    maxInputPixels: images.maxInputPixels,
    inference,
    served,
  });
}

/** A week. */
const DRIFT_HOURS = 168;

interface PictureSubjects {
  readonly history: History;
  readonly drift: DriftReader;
  readonly jobs: TrainingJobs;
  readonly evaluations: Evaluations;
  /** Undefined while none is ready. */
  readonly served: () => ModelVersion | undefined;
}

/** Pictures of the version in service, and the process that draws them. */
export function makePictures(
  { config, env }: Surroundings,
  { history, drift, jobs, evaluations, served }: PictureSubjects,
): { charts: ChartProcess; pictures: Pictures } {
  const directory = resolve(config.storage.stateDir, 'charts');
  const charts = new ChartProcess({ directory, env });
  const pictures = new Pictures({
    sources: chartSources({
      served,
      newestEvaluation: ({ model, version, manifest }) =>
        evaluations.newestOf({ model, version, digest: versionDigest(manifest) }),
      newestTraining: () => jobs.current,
      statistics: ({ model, version }) => history.statistics({ model, version }),
      drift: (version) => drift.overTime(version, { window: 'hour', periods: DRIFT_HOURS }),
    }),
    draw: (chart) => charts.draw(chart),
  });
  return { charts, pictures };
}
