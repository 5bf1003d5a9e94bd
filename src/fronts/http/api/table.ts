import type { DriftReader } from '../../../insight/drift/drift-reader.js';
import type { History } from '../../../insight/history/history.js';
import type { Predictions } from '../../../serving/predictions.js';
import type { ServiceState } from '../../../serving/service-state.js';
import type { Route } from '../route.js';
import { docsRoutes } from './docs.js';
import { driftRoute } from './drift.js';
import { type EvaluationParts, evaluateRoutes } from './evaluate.js';
import { healthRoutes } from './health.js';
import { type MetricsText, metricsRoute } from './metrics.js';
import { modelRoutes } from './model.js';
import { type ModelsRoutesOptions, modelsRoutes } from './models.js';
import { type PredictDeps, predictRoutes } from './predict.js';
import { type PredictBatchDeps, predictBatchRoutes } from './predict-batch.js';
import { predictionsRoutes } from './predictions.js';
import { type Retraining, retrainRoutes } from './retrain.js';
import { rootRoute } from './root.js';
import { statisticsRoutes } from './statistics.js';
import { trafficRoutes } from './traffic.js';
import { type TrainingDataParts, trainingDataRoutes } from './training-data.js';
import { type PictureParts, visualizationsRoutes } from './visualizations.js';

export interface RouteOptions
  extends PredictDeps,
    PredictBatchDeps,
    Omit<ModelsRoutesOptions, 'newestEvaluation'> {
  readonly predictions: Predictions;
  readonly state: ServiceState;
  readonly history: History;
  readonly drift: DriftReader;
  readonly retraining: Retraining;
  readonly evaluation: EvaluationParts;
  readonly trainingData: TrainingDataParts;
  readonly pictures: PictureParts;
  readonly metrics: MetricsText;
}

/** Every endpoint there is: what is served, refused with 405, and described. */
export function allRoutes(options: RouteOptions): Route[] {
  const routes = [
    rootRoute,
    ...healthRoutes(options.state),
    ...modelRoutes(options.state, options.retraining),
    ...modelsRoutes({ ...options, newestEvaluation: options.evaluation.newestSummaryOf }),
    ...trafficRoutes(options),
    ...predictRoutes(options),
    ...predictBatchRoutes(options),
    ...trainingDataRoutes(options.trainingData),
    ...retrainRoutes(options.retraining),
    ...evaluateRoutes(options.evaluation),
    ...visualizationsRoutes(options.pictures),
    ...statisticsRoutes(options.history),
    ...predictionsRoutes(options.history),
    driftRoute(options.state, options.drift),
    metricsRoute(options.metrics),
  ];
  return [...routes, ...docsRoutes(routes, options.state.version)];
}
