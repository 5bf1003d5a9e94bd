/* The server's answers about predictions and their true labels. */

export interface Feedback {
  readonly predictions: number;
  readonly accuracy: number | null;
}

export interface Statistics {
  readonly total_predictions: number;
  readonly average_confidence: number | null;
  readonly average_prediction_time_ms: number | null;
  readonly predictions_per_class: Readonly<Record<string, number>>;
  readonly confidence_histogram: readonly number[];
  /** Above the bound before and up to `up_to_ms`; null: no bound. */
  readonly latency_histogram: readonly { readonly up_to_ms: number | null; readonly predictions: number }[];
  readonly total_errors: number;
  readonly errors_by_code: Readonly<Record<string, number>>;
  readonly feedback: Feedback;
}

export interface StoredPrediction {
  readonly id: string;
  readonly timestamp: string;
  readonly request_id: string | null;
  readonly model: string | null;
  readonly version: number | null;
  readonly predicted_class: string | null;
  readonly confidence: number | null;
  /** How clear the answer was, 0 to 1; null unless the image was kept. */
  readonly margin: number | null;
  /** 0 (sure) to 1; null unless the image was kept. */
  readonly entropy: number | null;
  /** How unusual the image is, about 0 to 1 for images as in the training; null unless the image was kept and the version knows it. */
  readonly distance: number | null;
  readonly all_probabilities: Readonly<Record<string, number>> | null;
  readonly prediction_time_ms: number | null;
  readonly queue_ms: number | null;
  readonly decode_ms: number | null;
  readonly inference_ms: number | null;
  readonly source: string;
  readonly image_sha256: string | null;
  readonly image_width: number | null;
  readonly image_height: number | null;
  readonly image_format: string | null;
  readonly error_code: string | null;
  readonly feedback_label: string | null;
  /** The labels that reached their threshold; models of several labels have them. */
  readonly labels?: readonly { readonly class: string }[] | undefined;
  /** The true labels by feedback; models of several labels have them. */
  readonly feedback_labels?: readonly string[] | null | undefined;
  readonly shadow_of: string | null;
}

export interface PredictionPage {
  /** In the order of `sort`. */
  readonly predictions: readonly StoredPrediction[];
  /** `before` of the next page; null on the last page. */
  readonly next: string | null;
}

/** Orders of a page. All but `newest` list only predictions whose image is kept, the least certain or most unusual first. */
export type PredictionSort = 'newest' | 'margin' | 'entropy' | 'distance';

/** A past prediction and what its image shows: its class, or all its labels where the model gives several. */
export type LabelledPrediction = { readonly prediction_id: string } & (
  | { readonly label: string | number }
  | { readonly labels: readonly (string | number)[] }
);

export interface LabelledImages {
  readonly files_saved: number;
  readonly results: readonly {
    readonly prediction_id: string;
    readonly label?: string | undefined;
    /** Of a model of several labels. */
    readonly labels?: readonly string[] | undefined;
    /** False when the training data had the image already. */
    readonly added: boolean;
    readonly feedback: boolean;
  }[];
}

export interface PredictionFilter {
  readonly class?: string | undefined;
  readonly min_confidence?: number | undefined;
  readonly max_confidence?: number | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly model?: string | undefined;
  readonly version?: number | undefined;
  readonly source?: string | undefined;
  readonly has_feedback?: boolean | undefined;
}

/** The true class, or all true labels of a model of several labels. */
export type Truth = { readonly label: string } | { readonly labels: readonly string[] };

/** The stored truth, spelt as the model spells it: `label`, or `labels` for models of several labels. */
export interface StoredTruth {
  readonly prediction_id: string;
  readonly feedback_label?: string | undefined;
  readonly feedback_labels?: readonly string[] | undefined;
}
