import type { AnsweringVersion } from './history.js';
import { timeMsOf, toKey } from './prediction-id.js';
import { unpackProbabilities } from './probabilities.js';
import type { StoredPrediction } from './stored-prediction.js';

/** The versions and classes to which rows refer. */
export interface Names {
  version(ref: number): AnsweringVersion | undefined;
  label(ref: number): string | undefined;
}

/** A row of the table `predictions`. */
export interface StoredRow {
  readonly id: string;
  readonly request_id: string | null;
  readonly version_ref: number | null;
  readonly class_ref: number | null;
  readonly confidence: number | null;
  readonly margin: number | null;
  readonly entropy: number | null;
  readonly distance: number | null;
  readonly probabilities: Buffer | null;
  readonly prediction_us: number | null;
  readonly queue_us: number | null;
  readonly decode_us: number | null;
  readonly inference_us: number | null;
  readonly source: string;
  readonly image_sha256: Buffer | null;
  readonly image_width: number | null;
  readonly image_height: number | null;
  readonly image_format: string | null;
  readonly client_hash: string | null;
  readonly error_code: string | null;
  readonly feedback_ref: number | null;
  readonly shadow_of: string | null;
  readonly labels: readonly number[] | null;
  readonly feedback_labels: readonly number[] | null;
}

function toMs(us: number | null): number | null {
  return us === null ? null : us / 1000;
}

function namesOf(refs: readonly number[], names: Names): string[] {
  return refs.map((ref) => names.label(ref) ?? String(ref));
}

/** The fields of an answer of several labels; none for other answers. */
function severalOf(
  row: StoredRow,
  labels: readonly string[],
  { probabilities, names }: { readonly probabilities: Record<string, number>; readonly names: Names },
): Pick<StoredPrediction, 'labels' | 'feedback_labels'> {
  if (row.labels === null) return {};
  return {
    labels: namesOf(row.labels, names).map((label) => ({
      class: label,
      class_index: labels.indexOf(label),
      confidence: probabilities[label] ?? null,
    })),
    feedback_labels: row.feedback_labels === null ? null : namesOf(row.feedback_labels, names),
  };
}

/** Converts a row to its API form. */
export function toStoredPrediction(row: StoredRow, names: Names): StoredPrediction {
  const version = row.version_ref === null ? undefined : names.version(row.version_ref);
  const label = row.class_ref === null ? null : (names.label(row.class_ref) ?? null);
  const labels = version?.labels ?? [];
  const probabilities = row.probabilities === null ? null : unpackProbabilities(row.probabilities, labels);
  return {
    id: row.id,
    timestamp: new Date(timeMsOf(toKey(row.id))).toISOString(),
    request_id: row.request_id,
    model: version?.model ?? null,
    version: version?.version ?? null,
    predicted_class: label,
    predicted_class_index: label === null ? null : labels.indexOf(label),
    confidence: row.confidence,
    margin: row.margin,
    entropy: row.entropy,
    distance: row.distance,
    all_probabilities: probabilities,
    prediction_time_ms: toMs(row.prediction_us),
    queue_ms: toMs(row.queue_us),
    decode_ms: toMs(row.decode_us),
    inference_ms: toMs(row.inference_us),
    source: row.source,
    image_sha256: row.image_sha256?.toString('hex') ?? null,
    image_width: row.image_width,
    image_height: row.image_height,
    image_format: row.image_format,
    client_hash: row.client_hash,
    error_code: row.error_code,
    feedback_label: row.feedback_ref === null ? null : (names.label(row.feedback_ref) ?? null),
    shadow_of: row.shadow_of,
    ...severalOf(row, labels, { probabilities: probabilities ?? {}, names }),
  };
}
