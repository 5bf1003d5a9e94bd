import type { Gallery } from '../../../insight/charts/chart-cache.js';
import type { DriftReports } from '../../../insight/drift/drift-reports.js';
import type { History } from '../../../insight/history/history.js';
import type { KeptImages } from '../../../insight/history/kept-images.js';
import type { TrainingDataControl } from '../../../learning/catalogue/training-data-control.js';
import type { EvaluationControl } from '../../../learning/evaluation/evaluation-control.js';
import type { OwnModels } from '../../../learning/own-models/own-models.js';
import type { TrainingControl } from '../../../learning/training/training-control.js';
import type { ListedVersion } from '../../../models/repository/list-versions.js';
import type { FoveaError } from '../../../platform/errors.js';
import type { Predictions } from '../../../serving/predictions.js';
import type { ModelControl } from '../../../serving/rollout/model-control.js';
import type { Service } from '../../../serving/service-state.js';
import { dashboardRoutes } from '../dashboard/routes.js';
import { refuseQuery } from '../query.js';
import type { Route } from '../route.js';
import { docsRoutes } from './docs.js';
import { driftRoutes } from './drift.js';
import { evaluateRoutes } from './evaluate.js';
import { healthRoutes } from './health.js';
import { type ImportDeps, importModelRoutes } from './import-model.js';
import { type MetricsText, metricsRoutes } from './metrics.js';
import { modelRoutes } from './model.js';
import { modelsRoutes } from './models.js';
import { ownModelsRoutes } from './own-models.js';
import { predictRoutes } from './predict.js';
import { predictBatchRoutes } from './predict-batch.js';
import { predictionImageRoute } from './prediction-image.js';
import { type ExportLimits, predictionsRoutes } from './predictions.js';
import { retrainRoutes } from './retrain.js';
import { statisticsRoutes } from './statistics.js';
import { trafficRoutes } from './traffic.js';
import { trainingDataRoutes } from './training-data.js';
import { visualizationsRoutes } from './visualizations.js';
import { webSocketRoutes } from './web-sockets.js';

/** The parts of the server that the API shows; each area's routes receive only the parts that they need. */
export interface ApiParts {
  readonly service: Service;
  readonly predictions: Predictions;
  readonly models: ModelControl;
  readonly listVersions: () => Promise<readonly ListedVersion[]>;
  readonly history: History;
  /** Undefined unless FOVEA_KEEP_IMAGES is set. */
  readonly keptImages: Pick<KeptImages, 'pathOf' | 'oldestMs'> | undefined;
  readonly drift: DriftReports;
  readonly charts: Gallery;
  readonly retraining: TrainingControl;
  readonly own: OwnModels;
  readonly evaluation: EvaluationControl;
  readonly trainingData: TrainingDataControl;
  readonly imports: ImportDeps['imports'];
  readonly maxModelBytes: number;
  readonly importTimeoutMs: number;
  readonly metrics: MetricsText;
  readonly exportLimits: ExportLimits;
  readonly maxBodyBytes: number;
  /** In front of every link; '' for none. */
  readonly basePath: string;
  /** Answers for models with more classes list the five likeliest. */
  readonly maxListedClasses: number;
  /** Most images in one batch request. */
  readonly maxImages: number;
  /** Called for each image of a batch request that failed with status 500. */
  readonly onFault: (error: FoveaError, requestId: string) => void;
}

/** A route without parameters refuses them; the others do so when they parse their query. */
function withStrictQuery(route: Route): Route {
  if (route.query !== undefined) return route;
  const respond: Route['respond'] = (request) => {
    refuseQuery(request.query);
    return route.respond(request);
  };
  return { ...route, respond };
}

/** The endpoints whose answers do not depend on the server, where servers share history and active versions. */
function sharedGroups(parts: ApiParts) {
  const { service, predictions, models, own, listVersions, history, retraining, evaluation } = parts;
  const { maxBodyBytes, maxListedClasses, maxImages, onFault } = parts;
  const { newestSummaryOf: newestEvaluation } = evaluation;
  return {
    health: healthRoutes(service),
    model: modelRoutes(service, retraining),
    models: modelsRoutes({ models, own, listVersions, newestEvaluation }),
    traffic: trafficRoutes({ models, history }),
    predict: predictRoutes({ predictions, maxBodyBytes, maxListedClasses }),
    batch: predictBatchRoutes({ predictions, maxBodyBytes, maxListedClasses, maxImages, onFault }),
    statistics: statisticsRoutes(history, service),
    predictions: predictionsRoutes(parts, parts.exportLimits),
    drift: driftRoutes(parts),
  };
}

/** For a port that several servers share. */
export function sharedApiRoutes(parts: ApiParts): Route[] {
  return Object.values(sharedGroups(parts)).flat().map(withStrictQuery);
}

/** Every endpoint of the API. Routing, 405 answers and the OpenAPI description use this list. */
export function apiRoutes(parts: ApiParts): Route[] {
  const { service, own, retraining, evaluation, basePath } = parts;
  const shared = sharedGroups(parts);
  const routes = [
    ...dashboardRoutes(basePath),
    ...shared.health,
    ...shared.model,
    ...shared.models,
    ...ownModelsRoutes(own, basePath),
    ...importModelRoutes(parts),
    ...shared.traffic,
    ...shared.predict,
    ...shared.batch,
    ...trainingDataRoutes(parts.trainingData),
    ...retrainRoutes(retraining, basePath),
    ...evaluateRoutes(evaluation, basePath),
    ...visualizationsRoutes(parts.charts, basePath),
    ...shared.statistics,
    ...shared.predictions,
    predictionImageRoute(parts),
    ...shared.drift,
    ...metricsRoutes(parts.metrics),
    ...webSocketRoutes(),
  ];
  return [...routes, ...docsRoutes(routes, { version: service.version, basePath })].map(withStrictQuery);
}
