import type { PredictionFilter } from '../history.js';
import { firstKeyAt, toKey } from '../prediction-id.js';
import type { NameTable } from './names.js';

export type Parameter = string | number | Buffer;

/** SQL conditions and the values of their placeholders. */
export interface Where {
  readonly conditions: readonly string[];
  readonly parameters: readonly Parameter[];
}

type Condition = readonly [sql: string, ...parameters: Parameter[]];

const NOTHING: Condition = ['0'];

/**
 * The index helps only for a single version. Rows of several versions would have to be sorted, which is slower than a
 * scan by id.
 */
function isVersion(refs: readonly number[]): Condition {
  if (refs.length === 0) return NOTHING;
  if (refs.length === 1) return ['version_ref = ?', ...refs];
  return [`+version_ref IN (${refs.map(() => '?').join(', ')})`, ...refs];
}

/** Answers of one of the classes, and answers that list one among several labels. */
export function isOfClass(refs: readonly number[]): Where {
  const marks = refs.map(() => '?').join(', ');
  const isListed = `EXISTS (SELECT 1 FROM answered_labels AS a WHERE a.class_ref IN (${marks}) AND a.id = predictions.id)`;
  return {
    conditions: [`(class_ref IN (${marks}) AND labels IS NULL OR ${isListed})`],
    parameters: [...refs, ...refs],
  };
}

/** Conditions on every row, all filters but `class`.
 * @param before finds only rows with ids older than this */
export function toWhere(filter: PredictionFilter, names: NameTable, before: string | undefined): Where {
  const { min_confidence: min, max_confidence: max, from, to, has_feedback: hasFeedback } = filter;
  const versions = names.versionRefs(filter);
  const conditions: (Condition | undefined)[] = [
    before === undefined ? undefined : ['id < ?', toKey(before)],
    from === undefined ? undefined : ['id >= ?', firstKeyAt(Date.parse(from))],
    to === undefined ? undefined : ['id < ?', firstKeyAt(Date.parse(to))],
    versions === undefined ? undefined : isVersion(versions),
    min === undefined ? undefined : ['confidence >= ?', min],
    max === undefined ? undefined : ['confidence <= ?', max],
    filter.source === undefined ? undefined : ['source = ?', filter.source],
    hasFeedback === undefined ? undefined : [`feedback_ref IS ${hasFeedback ? 'NOT NULL' : 'NULL'}`],
  ];
  const given = conditions.filter((condition) => condition !== undefined);
  return {
    conditions: given.map(([sql]) => sql),
    parameters: given.flatMap(([, ...parameters]) => parameters),
  };
}
