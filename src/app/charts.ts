import { resolve } from 'node:path';
import { ChartCache } from '../insight/charts/chart-cache.js';
import { ChartProcess } from '../insight/charts/chart-process.js';
import { chartSources } from '../insight/charts/chart-sources.js';
import type { DriftReader } from '../insight/drift/drift-reader.js';
import type { History } from '../insight/history/history.js';
import { versionDigest } from '../models/repository/version-digest.js';
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

/** Charts of models in service, drawn by a child process. */
export function createCharts({ config, env, lifecycle }: Deps, subjects: ChartSubjects): ChartCache {
  const { state, history, drift, learning } = subjects;
  const directory = resolve(config.storage.stateDir, 'charts');
  const charts = new ChartProcess({ directory, env });
  lifecycle.add({ name: 'charts', close: () => charts.close() });
  return new ChartCache({
    sources: chartSources({
      served: () => state.model?.classifier.version,
      newestEvaluation: ({ model, version, manifest }) =>
        learning.evaluations.newestOf({ model, version, digest: versionDigest(manifest) }),
      newestTraining: () => learning.jobs.current,
      statistics: ({ model, version }) => history.statistics({ model, version }),
      drift: (version) => drift.overTime(version, { window: 'hour', periods: DRIFT_HOURS }),
    }),
    draw: (chart) => charts.draw(chart),
  });
}
