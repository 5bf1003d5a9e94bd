import type { ModelVersion } from '../../models/repository/model-version.js';
import type { DriftReport, DriftWindow } from './drift.js';

/** Hours of which the history tells at once. */
export const MAX_HOURS = 1440;

export interface DriftQuery {
  readonly window: DriftWindow;
  /** How many hours or days to look back over, besides the last one. */
  readonly periods: number;
}

/** How far what is asked of a version is from what its training saw. */
export interface DriftReports {
  /** @throws FoveaError `history_failed`, `overloaded` */
  report(version: ModelVersion, query: DriftQuery): Promise<DriftReport>;
}
