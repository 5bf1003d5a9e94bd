import type { Database, Statement } from 'better-sqlite3';
import type { Comparison, ComparisonQuery } from '../history.js';
import { firstKeyAt } from '../prediction-id.js';
import { figuresOf, MAX_SAMPLE, type SampleRow } from '../version-figures.js';
import { NameTable } from './names.js';
import { unpackRefs } from './packed-refs.js';

interface Row {
  readonly class_ref: number | null;
  readonly labels: Buffer | null;
  readonly confidence: number | null;
  readonly prediction_us: number | null;
  readonly error_code: string | null;
  readonly feedback_ref: number | null;
  readonly feedback_labels: Buffer | null;
  readonly returned_ref: number | null;
  readonly returned_labels: Buffer | null;
}

function toSample(row: Row): SampleRow {
  return {
    classRef: row.class_ref,
    labels: row.labels && unpackRefs(row.labels),
    confidence: row.confidence,
    predictionUs: row.prediction_us,
    errorCode: row.error_code,
    feedbackRef: row.feedback_ref,
    feedbackLabels: row.feedback_labels && unpackRefs(row.feedback_labels),
    returnedRef: row.returned_ref,
    returnedLabels: row.returned_labels && unpackRefs(row.returned_labels),
  };
}

/** Compares versions by their rows, because sums per minute contain neither percentiles nor shadows. */
export class ComparisonReader {
  readonly #names: NameTable;
  readonly #countAll: Statement<[number, Buffer], number>;
  readonly #countShadows: Statement<[number, Buffer], number>;
  readonly #sampleReturned: Statement<[number, Buffer, number], Row>;
  readonly #sampleShadows: Statement<[number, Buffer, number], Row>;

  constructor(database: Database) {
    this.#names = new NameTable(database);
    this.#countAll = database
      .prepare<[number, Buffer], number>('SELECT count(*) FROM predictions WHERE version_ref = ? AND id >= ?')
      .pluck();
    this.#countShadows = database
      .prepare<[number, Buffer], number>(
        'SELECT count(*) FROM predictions WHERE version_ref = ? AND id >= ? AND shadow_of IS NOT NULL',
      )
      .pluck();
    this.#sampleReturned = database.prepare(`
      SELECT class_ref, labels, confidence, prediction_us, error_code, feedback_ref, feedback_labels,
        NULL AS returned_ref, NULL AS returned_labels
      FROM predictions WHERE version_ref = ? AND id >= ? AND shadow_of IS NULL ORDER BY id DESC LIMIT ?`);
    this.#sampleShadows = database.prepare(`
      SELECT s.class_ref, s.labels, s.confidence, s.prediction_us, s.error_code, p.feedback_ref, p.feedback_labels,
        p.class_ref AS returned_ref, p.labels AS returned_labels
      FROM predictions s LEFT JOIN predictions p ON p.id = s.shadow_of
      WHERE s.version_ref = ? AND s.id >= ? AND s.shadow_of IS NOT NULL ORDER BY s.id DESC LIMIT ?`);
  }

  compare({ model, versions, from }: ComparisonQuery): Comparison {
    const since = firstKeyAt(Date.parse(from));
    const labelOf = (ref: number): string => this.#names.label(ref) ?? String(ref);
    return versions.map(({ version, is_shadow: isShadow }) => {
      const refs = this.#names.versionRefs({ model, version }) ?? [];
      const sample = isShadow ? this.#sampleShadows : this.#sampleReturned;
      const rows = refs.flatMap((ref) => sample.all(ref, since, MAX_SAMPLE)).map(toSample);
      const requests = refs.reduce((sum, ref) => sum + this.#count(ref, since, isShadow), 0);
      return { version, requests, ...figuresOf(rows, { isShadow, labelOf }) };
    });
  }

  #count(ref: number, since: Buffer, isShadow: boolean): number {
    const shadows = this.#countShadows.get(ref, since) ?? 0;
    return isShadow ? shadows : (this.#countAll.get(ref, since) ?? 0) - shadows;
  }
}
