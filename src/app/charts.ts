import { resolve } from 'node:path';
import { ChartCache } from '../insight/charts/chart-cache.js';
import { ChartProcess } from '../insight/charts/chart-process.js';
import { chartSources } from '../insight/charts/chart-sources.js';
import type { DriftReader } from '../insight/drift/drift-reader.js';
import type { History } from '../insight/history/history.js';
import type { Evaluation } from '../learning/evaluation/evaluation.js';
import type { ModelVersion } from '../models/repository/model-version.js';
import { versionDigest } from '../models/repository/version-digest.js';
import { FoveaError } from '../platform/errors.js';
import type { ServiceState } from '../serving/service-state.js';
import type { Deps } from './deps.js';
import type { Learning } from './learning.js';

const DRIFT_HOURS = 7 * 24;

interface ChartSubjects {
  readonly state: ServiceState;
  readonly history: History;
  readonly drift: DriftReader;
  readonly learning: Pick<Learning, 'jobs' | 'evaluations'>;
}

/** @throws FoveaError `not_found` when the evaluation is of another version */
async function evaluationOf(
  evaluations: Learning['evaluations'],
  { model, version, manifest }: ModelVersion,
  id: string | undefined,
): Promise<Evaluation | undefined> {
  const digest = versionDigest(manifest);
  if (id === undefined) return evaluations.bestOf({ model, version, digest });
  const evaluation = await evaluations.byId(id);
  if (evaluation.summary.version_digest === digest) return evaluation;
  throw new FoveaError('not_found', `The evaluation ${id} is not of ${model} version ${version}.`);
}

/** Charts of models in service, drawn by a child process. */
export function createCharts({ config, env, lifecycle }: Deps, subjects: ChartSubjects): ChartCache {
  const { state, history, drift, learning } = subjects;
  const directory = resolve(config.storage.stateDir, 'charts');
  const charts = new ChartProcess({ directory, env });
  lifecycle.add({ name: 'charts', close: () => charts.close() });
  return new ChartCache({
    sources: chartSources({
      versionOf: async ({ model, version }) => {
        if (model === undefined && version === undefined) return state.model?.classifier.version;
        await state.prepareModel(model);
        return state.describedModel({ model, version }).classifier.version;
      },
      evaluationOf: (version, id) => evaluationOf(learning.evaluations, version, id),
      newestTraining: () => learning.jobs.current,
      statistics: ({ model, version }) => history.statistics({ model, version }),
      drift: (version) => drift.overTime(version, { window: 'hour', periods: DRIFT_HOURS }),
    }),
    draw: (chart) => charts.draw(chart),
  });
}
