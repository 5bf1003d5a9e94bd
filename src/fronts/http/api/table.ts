import type { Gallery } from '../../../insight/charts/pictures.js';
import type { DriftReports } from '../../../insight/drift/drift-reports.js';
import type { History } from '../../../insight/history/history.js';
import type { ListedVersion } from '../../../models/repository/list-versions.js';
import type { FoveaError } from '../../../platform/errors.js';
import type { Predictions } from '../../../serving/predictions.js';
import type { ModelControl } from '../../../serving/rollout/model-control.js';
import type { Service } from '../../../serving/service-state.js';
import type { Route } from '../route.js';
import { docsRoutes } from './docs.js';
import { driftRoutes } from './drift.js';
import { type EvaluationParts, evaluateRoutes } from './evaluate.js';
import { healthRoutes } from './health.js';
import { type MetricsText, metricsRoutes } from './metrics.js';
import { modelRoutes } from './model.js';
import { modelsRoutes } from './models.js';
import { predictRoutes } from './predict.js';
import { predictBatchRoutes } from './predict-batch.js';
import { predictionsRoutes } from './predictions.js';
import { type Retraining, retrainRoutes } from './retrain.js';
import { rootRoute } from './root.js';
import { statisticsRoutes } from './statistics.js';
import { trafficRoutes } from './traffic.js';
import { type TrainingDataParts, trainingDataRoutes } from './training-data.js';
import { visualizationsRoutes } from './visualizations.js';

/** What our API is about, one entry an area; each area's routes take no more than they need of it. */
export interface ApiParts {
  readonly service: Service;
  readonly predictions: Predictions;
  readonly models: ModelControl;
  readonly listVersions: () => Promise<readonly ListedVersion[]>;
  readonly history: History;
  readonly drift: DriftReports;
  readonly charts: Gallery;
  readonly retraining: Retraining;
  readonly evaluation: EvaluationParts;
  readonly trainingData: TrainingDataParts;
  readonly metrics: MetricsText;
  readonly maxBodyBytes: number;
  /** Of one batch. */
  readonly maxImages: number;
  /** Hears of every image of a batch that failed by a fault of ours. */
  readonly onFault: (error: FoveaError, requestId: string) => void;
}

/** Every endpoint of our own API. The server routes by this list, answers 405 by it, and describes it as OpenAPI. */
export function apiRoutes(parts: ApiParts): Route[] {
  const { service, predictions, models, listVersions, history, retraining, evaluation } = parts;
  const { maxBodyBytes, maxImages, onFault } = parts;
  const { newestSummaryOf: newestEvaluation } = evaluation;
  const routes = [
    rootRoute,
    ...healthRoutes(service),
    ...modelRoutes(service, retraining),
    ...modelsRoutes({ models, listVersions, newestEvaluation }),
    ...trafficRoutes({ models, history }),
    ...predictRoutes({ predictions, maxBodyBytes }),
    ...predictBatchRoutes({ predictions, maxBodyBytes, maxImages, onFault }),
    ...trainingDataRoutes(parts.trainingData),
    ...retrainRoutes(retraining),
    ...evaluateRoutes(evaluation),
    ...visualizationsRoutes(parts.charts),
    ...statisticsRoutes(history),
    ...predictionsRoutes(history),
    ...driftRoutes(service, parts.drift),
    ...metricsRoutes(parts.metrics),
  ];
  return [...routes, ...docsRoutes(routes, service.version)];
}
