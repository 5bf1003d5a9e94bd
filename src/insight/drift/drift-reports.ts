import type { ModelVersion } from '../../models/repository/model-version.js';
import type { DriftReport, DriftWindow } from './drift.js';

/** Largest number of hours in one response. */
export const MAX_HOURS = 1440;

export interface DriftQuery {
  readonly window: DriftWindow;
  /** Number of whole hours or days in `over_time`. */
  readonly periods: number;
}

/** Reads the drift of a version from its training statistics. */
export interface DriftReports {
  /** @throws FoveaError `history_failed`, `overloaded` */
  report(version: ModelVersion, query: DriftQuery): Promise<DriftReport>;
}
