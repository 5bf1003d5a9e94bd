import type { GroupRow } from './group.js';
import type { RollupRow } from './rollup-sums.js';

/** Refs that a row stores for its version. */
export interface VersionRefs {
  readonly version: number;
  /** By index in the model's output. */
  readonly classes: readonly number[];
}

/** Refs that a row stores. */
export interface RowRefs {
  readonly version: number | null;
  readonly class: number | null;
  readonly labels: readonly number[] | null;
}

/** @param version that answered; undefined for none */
export function refsOf(row: GroupRow, version: VersionRefs | undefined): RowRefs {
  const classRef = row.classIndex === null ? undefined : version?.classes[row.classIndex];
  return {
    version: version?.version ?? null,
    class: classRef ?? null,
    labels: row.labels?.map((index) => version?.classes[index] ?? 0) ?? null,
  };
}

/** What the sums count of a new row; undefined for a shadow, which counts in no statistics. */
export function rollupRowOf(row: GroupRow, timeMs: number, refs: RowRefs): RollupRow | undefined {
  if (row.shadowOf !== null) return undefined;
  const { version, class: classRef, labels } = refs;
  return {
    timeMs,
    versionRef: version ?? 0,
    answer: classRef === null ? null : { classRefs: labels ?? [classRef], confidence: row.confidence ?? 0 },
    predictionUs: row.predictionUs,
    errorCode: row.errorCode,
    inputStatistics: row.inputStatistics,
  };
}
