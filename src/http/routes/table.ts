import type { Route } from '../route.js';
import { healthRoutes } from './health.js';
import { modelRoutes } from './model.js';
import { predictRoutes } from './predict.js';
import { type PredictBatchRouteOptions, predictBatchRoute } from './predict-batch.js';
import { rootRoute } from './root.js';

/** Every endpoint there is: what is served, refused with 405, and described. */
export function allRoutes(options: PredictBatchRouteOptions): Route[] {
  return [
    rootRoute,
    ...healthRoutes(options.state),
    ...modelRoutes(options.state),
    ...predictRoutes(options),
    predictBatchRoute(options),
  ];
}
