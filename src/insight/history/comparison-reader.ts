import type { Database, Statement } from 'better-sqlite3';
import { isSameSet, unpackRefs } from './class-refs.js';
import type { Comparison, ComparisonQuery } from './history.js';
import { NameTable } from './names.js';
import { firstKeyAt } from './prediction-id.js';
import { share } from './share.js';

type VersionFigures = Comparison[number];

/** Enough rows for a p99; read in milliseconds. */
const MAX_SAMPLE = 20_000;

interface SampleRow {
  readonly class_ref: number | null;
  /** Of an answer of several labels; null for others. */
  readonly labels: Buffer | null;
  readonly confidence: number | null;
  readonly prediction_us: number | null;
  readonly error_code: string | null;
  /** Feedback on the prediction, or on the returned prediction that it shadows. */
  readonly feedback_ref: number | null;
  readonly feedback_labels: Buffer | null;
  /** Class of the returned prediction that it shadows; null for others. */
  readonly returned_ref: number | null;
  readonly returned_labels: Buffer | null;
}

/** One class, or several labels. */
function refsOf(ref: number | null, labels: Buffer | null): number[] {
  if (labels !== null) return unpackRefs(labels);
  return ref === null ? [] : [ref];
}

function isSame(row: SampleRow, ref: number | null, labels: Buffer | null): boolean {
  if (row.labels === null && labels === null) return row.class_ref === ref;
  return isSameSet(refsOf(row.class_ref, row.labels), refsOf(ref, labels));
}

/** The smallest value that at least that share of values does not exceed. */
function quantile(sorted: readonly number[], part: number): number | null {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? null;
}

/** Compares versions by their rows, because sums per minute contain neither percentiles nor shadows. */
export class ComparisonReader {
  readonly #names: NameTable;
  readonly #countAll: Statement<[number, Buffer], number>;
  readonly #countShadows: Statement<[number, Buffer], number>;
  readonly #sampleReturned: Statement<[number, Buffer, number], SampleRow>;
  readonly #sampleShadows: Statement<[number, Buffer, number], SampleRow>;

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
    return versions.map(({ version, is_shadow: isShadow }) => {
      const refs = this.#names.versionRefs({ model, version }) ?? [];
      const sample = isShadow ? this.#sampleShadows : this.#sampleReturned;
      const rows = refs.flatMap((ref) => sample.all(ref, since, MAX_SAMPLE));
      const requests = refs.reduce((sum, ref) => sum + this.#count(ref, since, isShadow), 0);
      return { version, requests, ...this.#figures(rows, isShadow) };
    });
  }

  #count(ref: number, since: Buffer, isShadow: boolean): number {
    const shadows = this.#countShadows.get(ref, since) ?? 0;
    return isShadow ? shadows : (this.#countAll.get(ref, since) ?? 0) - shadows;
  }

  #figures(rows: readonly SampleRow[], isShadow: boolean): Omit<VersionFigures, 'version' | 'requests'> {
    const answers = rows.filter((row) => row.class_ref !== null);
    const times = answers.flatMap((row) => row.prediction_us ?? []).sort((a, b) => a - b);
    const confidence = answers.reduce((sum, row) => sum + (row.confidence ?? 0), 0);
    const labelled = answers.filter((row) => row.feedback_ref !== null);
    const compared = answers.filter((row) => row.returned_ref !== null);
    const toMs = (us: number | null): number | null => (us === null ? null : us / 1000);
    const agreed = compared.filter((row) => isSame(row, row.returned_ref, row.returned_labels)).length;
    const correct = labelled.filter((row) => isSame(row, row.feedback_ref, row.feedback_labels)).length;
    return {
      sampled: rows.length,
      errors: rows.filter((row) => row.error_code !== null).length,
      latency_p50_ms: toMs(quantile(times, 0.5)),
      latency_p99_ms: toMs(quantile(times, 0.99)),
      average_confidence: share(confidence, answers.length),
      predictions_per_class: this.#classMix(answers),
      agreement: isShadow ? { compared: compared.length, share: share(agreed, compared.length) } : null,
      feedback: { predictions: labelled.length, accuracy: share(correct, labelled.length) },
    };
  }

  #classMix(answers: readonly SampleRow[]): Record<string, number> {
    const mix: Record<string, number> = {};
    for (const row of answers) {
      for (const ref of refsOf(row.class_ref, row.labels)) {
        const label = this.#names.label(ref) ?? String(ref);
        mix[label] = (mix[label] ?? 0) + 1;
      }
    }
    return mix;
  }
}
