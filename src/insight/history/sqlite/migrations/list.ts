import predictions from './001-predictions.js';
import shadows from './002-shadows.js';
import labelIds from './003-label-ids.js';
import severalLabels from './004-several-labels.js';
import uncertainty from './005-uncertainty.js';
import distance from './006-distance.js';

/** In order; `user_version` of a file is the number of applied migrations. A released migration must never change. */
export const MIGRATIONS: readonly string[] = [
  predictions,
  shadows,
  labelIds,
  severalLabels,
  uncertainty,
  distance,
];
