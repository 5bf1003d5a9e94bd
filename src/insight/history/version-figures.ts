import type { Comparison } from './history.js';
import { isSameSet } from './same-set.js';
import { share } from './share.js';

/** Enough rows for a p99; read in milliseconds. */
export const MAX_SAMPLE = 20_000;

/** A row of the newest predictions of a version. */
export interface SampleRow {
  readonly classRef: number | null;
  /** Of an answer of several labels; null for others. */
  readonly labels: readonly number[] | null;
  readonly confidence: number | null;
  readonly predictionUs: number | null;
  readonly errorCode: string | null;
  /** Feedback on the prediction, or on the returned prediction that it shadows. */
  readonly feedbackRef: number | null;
  readonly feedbackLabels: readonly number[] | null;
  /** Class of the returned prediction that it shadows; null for others. */
  readonly returnedRef: number | null;
  readonly returnedLabels: readonly number[] | null;
}

type Figures = Omit<Comparison[number], 'version' | 'requests'>;

/** One class, or several labels. */
function refsOf(ref: number | null, labels: readonly number[] | null): readonly number[] {
  return labels ?? (ref === null ? [] : [ref]);
}

function isSame(row: SampleRow, ref: number | null, labels: readonly number[] | null): boolean {
  if (row.labels === null && labels === null) return row.classRef === ref;
  return isSameSet(refsOf(row.classRef, row.labels), refsOf(ref, labels));
}

/** The smallest value that at least that share of values does not exceed. */
function quantile(sorted: readonly number[], part: number): number | null {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? null;
}

function classMix(answers: readonly SampleRow[], labelOf: (ref: number) => string): Record<string, number> {
  const mix: Record<string, number> = {};
  for (const row of answers) {
    for (const ref of refsOf(row.classRef, row.labels)) {
      const label = labelOf(ref);
      mix[label] = (mix[label] ?? 0) + 1;
    }
  }
  return mix;
}

/** Figures of one version from its newest rows. */
export function figuresOf(
  rows: readonly SampleRow[],
  { isShadow, labelOf }: { readonly isShadow: boolean; readonly labelOf: (ref: number) => string },
): Figures {
  const answers = rows.filter((row) => row.classRef !== null);
  const times = answers.flatMap((row) => row.predictionUs ?? []).sort((a, b) => a - b);
  const confidence = answers.reduce((sum, row) => sum + (row.confidence ?? 0), 0);
  const labelled = answers.filter((row) => row.feedbackRef !== null);
  const compared = answers.filter((row) => row.returnedRef !== null);
  const toMs = (us: number | null): number | null => (us === null ? null : us / 1000);
  const agreed = compared.filter((row) => isSame(row, row.returnedRef, row.returnedLabels)).length;
  const correct = labelled.filter((row) => isSame(row, row.feedbackRef, row.feedbackLabels)).length;
  return {
    sampled: rows.length,
    errors: rows.filter((row) => row.errorCode !== null).length,
    latency_p50_ms: toMs(quantile(times, 0.5)),
    latency_p99_ms: toMs(quantile(times, 0.99)),
    average_confidence: share(confidence, answers.length),
    predictions_per_class: classMix(answers, labelOf),
    agreement: isShadow ? { compared: compared.length, share: share(agreed, compared.length) } : null,
    feedback: { predictions: labelled.length, accuracy: share(correct, labelled.length) },
  };
}
