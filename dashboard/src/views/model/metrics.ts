import type { Evaluation } from '../../../../clients/typescript/src/answers/learning.js';
import type { Metrics, ModelVersion } from '../../../../clients/typescript/src/answers/models.js';
import { strings } from '../../strings.js';

export interface ShownMetrics {
  readonly metrics: Metrics;
  /** Where they come from. */
  readonly source: string;
}

/** The metrics of the newest evaluation; without one, the metrics of the manifest. */
export function metricsOf(
  { metrics }: ModelVersion,
  evaluation: Evaluation | undefined,
): ShownMetrics | undefined {
  const { sources } = strings.model;
  if (evaluation?.result != null) return { metrics: evaluation.result, source: sources.evaluation };
  if (metrics?.test != null) return { metrics: metrics.test, source: sources.test };
  if (metrics?.validation != null) return { metrics: metrics.validation, source: sources.validation };
  return undefined;
}
